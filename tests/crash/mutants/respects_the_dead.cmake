set(SOURCE local/slotfile.c)
set(FROM [[    else if (slotfile_has_name(file, old.fd, key))
        unlinkat(file->directory, key, 0);]])
set(TO [[    else
        err = mailslot_fail(MAILSLOT_ERR_IN_USE, "a dead reader's file is in the way");]])
