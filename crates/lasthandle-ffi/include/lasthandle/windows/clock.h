/* Clocks. */
#ifndef LASTHANDLE_WINDOWS_CLOCK_H
#define LASTHANDLE_WINDOWS_CLOCK_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

DWORD WINAPI GetTickCount(void);
ULONGLONG WINAPI GetTickCount64(void);

#ifdef __cplusplus
}
#endif

#endif
