/* Clocks. */
#ifndef LASTHANDLE_WINDOWS_CLOCK_H
#define LASTHANDLE_WINDOWS_CLOCK_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

DWORD WINAPI GetTickCount(void);
ULONGLONG WINAPI GetTickCount64(void);
BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *count);
BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *frequency);
void WINAPI GetSystemTimeAsFileTime(LPFILETIME time);
void WINAPI GetSystemTimePreciseAsFileTime(LPFILETIME time);

#ifdef __cplusplus
}
#endif

#endif
