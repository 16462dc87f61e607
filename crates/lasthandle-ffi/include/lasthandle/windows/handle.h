/* Handles themselves. */
#ifndef LASTHANDLE_WINDOWS_HANDLE_H
#define LASTHANDLE_WINDOWS_HANDLE_H

#include "types.h"

#define HANDLE_FLAG_INHERIT 1u
#define HANDLE_FLAG_PROTECT_FROM_CLOSE 2u
#define DUPLICATE_CLOSE_SOURCE 1u
#define DUPLICATE_SAME_ACCESS 2u

#ifdef __cplusplus
extern "C" {
#endif

BOOL WINAPI CloseHandle(HANDLE handle);
BOOL WINAPI DuplicateHandle(HANDLE from, HANDLE source, HANDLE to, LPHANDLE target, DWORD access, BOOL inherit,
                            DWORD options);
BOOL WINAPI GetHandleInformation(HANDLE handle, LPDWORD flags);
BOOL WINAPI SetHandleInformation(HANDLE handle, DWORD mask, DWORD flags);

#ifdef __cplusplus
}
#endif

#endif
