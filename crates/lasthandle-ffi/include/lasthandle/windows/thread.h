/* Threads of this process, calls queued to them, values of each. */
#ifndef LASTHANDLE_WINDOWS_THREAD_H
#define LASTHANDLE_WINDOWS_THREAD_H

#include "types.h"

typedef DWORD(WINAPI *PTHREAD_START_ROUTINE)(LPVOID argument);
typedef PTHREAD_START_ROUTINE LPTHREAD_START_ROUTINE;
typedef VOID(CALLBACK *PAPCFUNC)(ULONG_PTR argument);

#define THREAD_TERMINATE 0x0001u
#define THREAD_SUSPEND_RESUME 0x0002u
#define THREAD_GET_CONTEXT 0x0008u
#define THREAD_SET_CONTEXT 0x0010u
#define THREAD_SET_INFORMATION 0x0020u
#define THREAD_QUERY_INFORMATION 0x0040u
#define THREAD_SET_LIMITED_INFORMATION 0x0400u
#define THREAD_QUERY_LIMITED_INFORMATION 0x0800u
#define THREAD_ALL_ACCESS 0x1FFFFFu
#ifndef CREATE_SUSPENDED
#define CREATE_SUSPENDED 0x00000004u
#endif
#define STACK_SIZE_PARAM_IS_A_RESERVATION 0x00010000u
#ifndef STILL_ACTIVE
#define STILL_ACTIVE 259u
#endif
#define TLS_OUT_OF_INDEXES 0xFFFFFFFFu
#define THREAD_PRIORITY_IDLE (-15)
#define THREAD_PRIORITY_LOWEST (-2)
#define THREAD_PRIORITY_BELOW_NORMAL (-1)
#define THREAD_PRIORITY_NORMAL 0
#define THREAD_PRIORITY_ABOVE_NORMAL 1
#define THREAD_PRIORITY_HIGHEST 2
#define THREAD_PRIORITY_TIME_CRITICAL 15
#define THREAD_PRIORITY_ERROR_RETURN 0x7FFFFFFF

#ifdef __cplusplus
extern "C" {
#endif

HANDLE WINAPI GetCurrentThread(void);
DWORD WINAPI GetCurrentThreadId(void);
HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES attributes, SIZE_T stack, LPTHREAD_START_ROUTINE routine,
                           LPVOID argument, DWORD flags, LPDWORD id);
HANDLE WINAPI OpenThread(DWORD access, BOOL inherit, DWORD id);
__attribute__((noreturn)) VOID WINAPI ExitThread(DWORD code);
BOOL WINAPI GetExitCodeThread(HANDLE thread, LPDWORD code);
DWORD WINAPI GetThreadId(HANDLE thread);
DWORD WINAPI ResumeThread(HANDLE thread);
DWORD WINAPI SuspendThread(HANDLE thread);
BOOL WINAPI TerminateThread(HANDLE thread, DWORD code);
BOOL WINAPI SwitchToThread(void);
int WINAPI GetThreadPriority(HANDLE thread);
BOOL WINAPI SetThreadPriority(HANDLE thread, int priority);
DWORD WINAPI QueueUserAPC(PAPCFUNC routine, HANDLE thread, ULONG_PTR argument);

DWORD WINAPI TlsAlloc(void);
LPVOID WINAPI TlsGetValue(DWORD index);
BOOL WINAPI TlsSetValue(DWORD index, LPVOID value);
BOOL WINAPI TlsFree(DWORD index);

#ifdef __cplusplus
}
#endif

#endif
