/* This process. */
#ifndef LASTHANDLE_WINDOWS_PROCESS_H
#define LASTHANDLE_WINDOWS_PROCESS_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

HANDLE WINAPI GetCurrentProcess(void);
DWORD WINAPI GetCurrentProcessId(void);

#ifdef __cplusplus
}
#endif

#endif
