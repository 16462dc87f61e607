/* Windows' types, constants and calls for named shared memory and sync objects, on Linux.
 *
 * Write `#include <windows.h>` with this folder on the include path (-I.../include/lasthandle), or
 * `#include <lasthandle/windows.h>`, and link with -llasthandle_ffi. Programs that use wide text literals with the wide
 * calls need -fshort-wchar, as WCHAR has 16 bits in Windows: see below.
 *
 * What each call does and returns is what Microsoft's documentation says of it; docs/kernel32.md says where it differs.
 */
#ifndef LASTHANDLE_WINDOWS_H
#define LASTHANDLE_WINDOWS_H

#if defined(_WIN32)
#error "on Windows, include the system's own windows.h: this one is for Linux"
#endif

#include "windows/types.h"
#include "windows/error.h"
#include "windows/handle.h"
#include "windows/file.h"
#include "windows/message.h"
#include "windows/heap.h"
#include "windows/section.h"
#include "windows/memory.h"
#include "windows/sync.h"
#include "windows/wait.h"
#include "windows/process.h"
#include "windows/thread.h"
#include "windows/clock.h"
#include "windows/interlocked.h"
#include "windows/critical.h"
#include "windows/system.h"
#include "windows/module.h"
#include "windows/security.h"
#include "windows/user.h"
#include "windows/print.h"
#include "windows/wide.h"

#endif
