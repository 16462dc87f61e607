/* What Windows' C library has in process.h for threads. */
#ifndef LASTHANDLE_PROCESS_H
#define LASTHANDLE_PROCESS_H

#include "windows.h"

#ifndef __stdcall
#define __stdcall
#endif
#ifndef __cdecl
#define __cdecl
#endif

#ifdef __cplusplus
extern "C" {
#endif

uintptr_t _beginthreadex(void *attributes, unsigned stack, unsigned (*routine)(void *), void *argument, unsigned flags,
                         unsigned *id);
__attribute__((noreturn)) void _endthreadex(unsigned code);

#ifdef __cplusplus
}
#endif

#endif
