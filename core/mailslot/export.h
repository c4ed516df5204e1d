/**
 * @file
 * What differs between platforms in the public headers, in one place.
 */
#ifndef MAILSLOT_EXPORT_H
#define MAILSLOT_EXPORT_H

/** What the library exports is declared with this. */
#if defined(_WIN32)
#if defined(MAILSLOT_STATIC)
#define MAILSLOT_API
#elif defined(MAILSLOT_BUILDING)
#define MAILSLOT_API __declspec(dllexport)
#else
#define MAILSLOT_API __declspec(dllimport)
#endif
/** What mailslot_waitable() hands out: the HANDLE of a manual-reset event. */
typedef void *mailslot_handle;
#else
#define MAILSLOT_API __attribute__((visibility("default")))
/** What mailslot_waitable() hands out: a file descriptor for poll, select or epoll. */
typedef int mailslot_handle;
#endif

#if defined(__GNUC__)
/** Ignoring the result of a function declared with this is a compiler warning. */
#define MAILSLOT_MUST_USE __attribute__((warn_unused_result))
/** The text-th argument is a printf format for the arguments from the args-th on. */
#if defined(__MINGW32__) && !defined(__clang__)
#define MAILSLOT_PRINTF(text, args) __attribute__((format(gnu_printf, text, args)))
#else
#define MAILSLOT_PRINTF(text, args) __attribute__((format(printf, text, args)))
#endif
#else
#define MAILSLOT_MUST_USE
#define MAILSLOT_PRINTF(text, args)
#endif

#endif
