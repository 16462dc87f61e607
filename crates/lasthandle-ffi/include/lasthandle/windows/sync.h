/* Events, mutexes, semaphores, waitable timers. */
#ifndef LASTHANDLE_WINDOWS_SYNC_H
#define LASTHANDLE_WINDOWS_SYNC_H

#include "types.h"

typedef struct _REASON_CONTEXT REASON_CONTEXT, *PREASON_CONTEXT;

typedef VOID(CALLBACK *PTIMERAPCROUTINE)(LPVOID argument, DWORD timer_low, DWORD timer_high);

#define EVENT_MODIFY_STATE 0x0002u
#define EVENT_ALL_ACCESS 0x1F0003u
#define MUTEX_MODIFY_STATE 0x0001u
#define MUTEX_ALL_ACCESS 0x1F0001u
#define SEMAPHORE_MODIFY_STATE 0x0002u
#define SEMAPHORE_ALL_ACCESS 0x1F0003u
#define TIMER_QUERY_STATE 0x0001u
#define TIMER_MODIFY_STATE 0x0002u
#define TIMER_ALL_ACCESS 0x1F0003u
#define CREATE_EVENT_MANUAL_RESET 1u
#define CREATE_EVENT_INITIAL_SET 2u
#define CREATE_MUTEX_INITIAL_OWNER 1u
#define CREATE_WAITABLE_TIMER_MANUAL_RESET 1u
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 2u

#ifdef __cplusplus
extern "C" {
#endif

HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES attributes, BOOL manual, BOOL initial, LPCSTR name);
HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES attributes, BOOL manual, BOOL initial, LPCWSTR name);
HANDLE WINAPI CreateEventExA(LPSECURITY_ATTRIBUTES attributes, LPCSTR name, DWORD flags, DWORD access);
HANDLE WINAPI CreateEventExW(LPSECURITY_ATTRIBUTES attributes, LPCWSTR name, DWORD flags, DWORD access);
HANDLE WINAPI OpenEventA(DWORD access, BOOL inherit, LPCSTR name);
HANDLE WINAPI OpenEventW(DWORD access, BOOL inherit, LPCWSTR name);
BOOL WINAPI SetEvent(HANDLE event);
BOOL WINAPI ResetEvent(HANDLE event);
BOOL WINAPI PulseEvent(HANDLE event);

HANDLE WINAPI CreateMutexA(LPSECURITY_ATTRIBUTES attributes, BOOL owned, LPCSTR name);
HANDLE WINAPI CreateMutexW(LPSECURITY_ATTRIBUTES attributes, BOOL owned, LPCWSTR name);
HANDLE WINAPI CreateMutexExA(LPSECURITY_ATTRIBUTES attributes, LPCSTR name, DWORD flags, DWORD access);
HANDLE WINAPI CreateMutexExW(LPSECURITY_ATTRIBUTES attributes, LPCWSTR name, DWORD flags, DWORD access);
HANDLE WINAPI OpenMutexA(DWORD access, BOOL inherit, LPCSTR name);
HANDLE WINAPI OpenMutexW(DWORD access, BOOL inherit, LPCWSTR name);
BOOL WINAPI ReleaseMutex(HANDLE mutex);

HANDLE WINAPI CreateSemaphoreA(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG maximum, LPCSTR name);
HANDLE WINAPI CreateSemaphoreW(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG maximum, LPCWSTR name);
HANDLE WINAPI CreateSemaphoreExA(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG maximum, LPCSTR name,
                                 DWORD flags, DWORD access);
HANDLE WINAPI CreateSemaphoreExW(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG maximum, LPCWSTR name,
                                 DWORD flags, DWORD access);
HANDLE WINAPI OpenSemaphoreA(DWORD access, BOOL inherit, LPCSTR name);
HANDLE WINAPI OpenSemaphoreW(DWORD access, BOOL inherit, LPCWSTR name);
BOOL WINAPI ReleaseSemaphore(HANDLE semaphore, LONG count, LPLONG previous);

HANDLE WINAPI CreateWaitableTimerA(LPSECURITY_ATTRIBUTES attributes, BOOL manual, LPCSTR name);
HANDLE WINAPI CreateWaitableTimerW(LPSECURITY_ATTRIBUTES attributes, BOOL manual, LPCWSTR name);
HANDLE WINAPI CreateWaitableTimerExA(LPSECURITY_ATTRIBUTES attributes, LPCSTR name, DWORD flags, DWORD access);
HANDLE WINAPI CreateWaitableTimerExW(LPSECURITY_ATTRIBUTES attributes, LPCWSTR name, DWORD flags, DWORD access);
HANDLE WINAPI OpenWaitableTimerA(DWORD access, BOOL inherit, LPCSTR name);
HANDLE WINAPI OpenWaitableTimerW(DWORD access, BOOL inherit, LPCWSTR name);
BOOL WINAPI SetWaitableTimer(HANDLE timer, const LARGE_INTEGER *due, LONG period, PTIMERAPCROUTINE routine,
                             LPVOID argument, BOOL resume);
BOOL WINAPI SetWaitableTimerEx(HANDLE timer, const LARGE_INTEGER *due, LONG period, PTIMERAPCROUTINE routine,
                               LPVOID argument, PREASON_CONTEXT wake_context, ULONG tolerable_delay);
BOOL WINAPI CancelWaitableTimer(HANDLE timer);

#ifdef __cplusplus
}
#endif

#define CreateEvent LASTHANDLE_AW(CreateEvent)
#define CreateEventEx LASTHANDLE_AW(CreateEventEx)
#define OpenEvent LASTHANDLE_AW(OpenEvent)
#define CreateMutex LASTHANDLE_AW(CreateMutex)
#define CreateMutexEx LASTHANDLE_AW(CreateMutexEx)
#define OpenMutex LASTHANDLE_AW(OpenMutex)
#define CreateSemaphore LASTHANDLE_AW(CreateSemaphore)
#define CreateSemaphoreEx LASTHANDLE_AW(CreateSemaphoreEx)
#define OpenSemaphore LASTHANDLE_AW(OpenSemaphore)
#define CreateWaitableTimer LASTHANDLE_AW(CreateWaitableTimer)
#define CreateWaitableTimerEx LASTHANDLE_AW(CreateWaitableTimerEx)
#define OpenWaitableTimer LASTHANDLE_AW(OpenWaitableTimer)

#endif
