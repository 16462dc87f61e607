/* Memory, from the C library. */
#ifndef LASTHANDLE_WINDOWS_HEAP_H
#define LASTHANDLE_WINDOWS_HEAP_H

#include "types.h"

typedef HANDLE HLOCAL;

#define LMEM_FIXED 0x0000u
#define LMEM_ZEROINIT 0x0040u
#define LPTR 0x0040u
#define HEAP_ZERO_MEMORY 0x00000008u

#ifdef __cplusplus
extern "C" {
#endif

HLOCAL WINAPI LocalAlloc(UINT flags, SIZE_T bytes);
HLOCAL WINAPI LocalFree(HLOCAL memory);
HANDLE WINAPI GetProcessHeap(void);
LPVOID WINAPI HeapAlloc(HANDLE heap, DWORD flags, SIZE_T bytes);
BOOL WINAPI HeapFree(HANDLE heap, DWORD flags, LPVOID memory);

#ifdef __cplusplus
}
#endif

#endif
