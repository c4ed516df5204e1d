/* Functions of the program that this library calls (codecs, the function given to mailslot_each(),
 * and so on) may be C++ and throw. Whatever a function of this library holds during such a call is
 * therefore named by a variable that gives it back while the stack unwinds. */
#ifndef MSI_UNWIND_H
#define MSI_UNWIND_H

/** Calls give_back with the address of the variable that this precedes when its scope is left, by
 *  an exception too: this library is compiled with -fexceptions. Code that does not unwind calls
 *  give_back itself, which must do nothing the second time: compilers without the attribute
 *  (Microsoft's) never call it. */
#if defined(__GNUC__)
#define MSI_ON_UNWIND(give_back) __attribute__((cleanup(give_back)))
#else
#define MSI_ON_UNWIND(give_back)
#endif

#endif
