/* This thread. */
#ifndef LASTHANDLE_WINDOWS_THREAD_H
#define LASTHANDLE_WINDOWS_THREAD_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

HANDLE WINAPI GetCurrentThread(void);
DWORD WINAPI GetCurrentThreadId(void);

#ifdef __cplusplus
}
#endif

#endif
