/* Threads: making, opening, waiting for, ending; what they leave. */
#include <stdio.h>
#include <windows.h>
#include <process.h>

static HANDLE mutex, go;
static DWORD slot;

static DWORD WINAPI returns(LPVOID argument)
{
    return (DWORD)(ULONG_PTR)argument + (TlsGetValue(slot) == NULL ? 0 : 1000);
}

static void deep(int levels)
{
    volatile char room[64];
    room[0] = (char)levels;
    if (levels > 0)
        deep(levels - 1);
    else if (slot != TLS_OUT_OF_INDEXES)
        ExitThread(43);
    room[1] = room[0];
}

static DWORD WINAPI exits(LPVOID argument)
{
    TlsSetValue(slot, argument);
    deep(20);
    return 1;
}

static DWORD WINAPI owns(LPVOID argument)
{
    (void)argument;
    WaitForSingleObject(mutex, INFINITE);
    WaitForSingleObject(go, INFINITE);
    return 7;
}

static void CALLBACK before(ULONG_PTR number)
{
    printf(" call%u", (unsigned)number);
}

static DWORD WINAPI begins(LPVOID argument)
{
    (void)argument;
    printf(" begins %x\n", (unsigned)SleepEx(0, TRUE));
    return 0;
}

static void CALLBACK ends_it(ULONG_PTR code)
{
    ExitThread((DWORD)code);
}

static DWORD WINAPI waits(LPVOID argument)
{
    WaitForSingleObjectEx((HANDLE)argument, INFINITE, TRUE);
    return 1;
}

static unsigned WINAPI by_the_other_name(void *argument)
{
    if (argument != NULL)
        _endthreadex(12);
    return 11;
}

static DWORD ended(HANDLE thread)
{
    DWORD code = 0, waited = WaitForSingleObject(thread, INFINITE);
    if (waited != WAIT_OBJECT_0 || !GetExitCodeThread(thread, &code))
        printf("cannot be waited for: %x %u\n", (unsigned)waited, (unsigned)GetLastError());
    CloseHandle(thread);
    return code;
}

int main(void)
{
    DWORD id = 0, id2 = 0, code = 0, waited;
    HANDLE thread, again, pair[2];

    setvbuf(stdout, NULL, _IONBF, 0);
    slot = TlsAlloc();
    go = CreateEventA(NULL, TRUE, FALSE, NULL);
    mutex = CreateMutexA(NULL, FALSE, NULL);
    TlsSetValue(slot, &id);
    thread = CreateThread(NULL, 0, returns, (LPVOID)5, 0, &id);
    printf("number: %d %d\n", id != 0 && id != GetCurrentThreadId(), GetThreadId(thread) == id);
    printf("returns: %u\n", (unsigned)ended(thread));
    printf("exits: %u\n", (unsigned)ended(CreateThread(NULL, 1 << 20, exits, &id, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL)));
    printf("mine: %d\n", TlsGetValue(slot) == &id);

    thread = CreateThread(NULL, 0, owns, NULL, 0, &id);
    again = OpenThread(THREAD_QUERY_INFORMATION | SYNCHRONIZE, FALSE, id);
    printf("opened: %d %d\n", again != NULL, GetThreadId(again) == id);
    printf("runs: %d", GetExitCodeThread(thread, &code));
    printf(" %u %x\n", (unsigned)code, (unsigned)WaitForSingleObject(thread, 20));
    pair[0] = again;
    pair[1] = mutex;
    printf("all: %x\n", (unsigned)WaitForMultipleObjects(2, pair, TRUE, 20));
    SetEvent(go);
    waited = WaitForMultipleObjects(2, pair, TRUE, INFINITE);
    printf("all: %x", (unsigned)waited);
    printf(" release %d\n", ReleaseMutex(mutex));
    printf("any: %x\n", (unsigned)WaitForMultipleObjects(2, pair, FALSE, INFINITE));
    printf("resume an ended one: %u\n", (unsigned)ResumeThread(thread));
    printf("ended: %u\n", (unsigned)ended(thread));
    printf("signal a thread: %x", (unsigned)SignalObjectAndWait(again, go, 0, FALSE));
    printf(" %u\n", (unsigned)GetLastError());
    printf("resume without the right: %d", ResumeThread(again) == (DWORD)-1);
    printf(" %u\n", (unsigned)GetLastError());
    CloseHandle(again);
    for (int round = 0; round < 200; round++) {
        thread = CreateThread(NULL, 0, owns, NULL, 0, NULL);
        WaitForSingleObject(thread, INFINITE);
        waited = WaitForSingleObject(mutex, 0);
        if (waited != WAIT_ABANDONED)
            printf("round %d: not abandoned, %x\n", round, (unsigned)waited);
        ReleaseMutex(mutex);
        CloseHandle(thread);
    }

    thread = CreateThread(NULL, 0, begins, NULL, CREATE_SUSPENDED, &id);
    printf("suspended: %x", (unsigned)WaitForSingleObject(thread, 20));
    printf(" %d", QueueUserAPC(before, thread, 1) && QueueUserAPC(before, thread, 2));
    printf(" %u", (unsigned)SuspendThread(thread));
    printf(" %u;", (unsigned)ResumeThread(thread));
    code = ResumeThread(thread);
    WaitForSingleObject(thread, INFINITE);
    printf("suspended before it began: %u\n", (unsigned)code);
    CloseHandle(thread);
    thread = CreateThread(NULL, 0, waits, CreateEventA(NULL, FALSE, FALSE, NULL), 0, NULL);
    QueueUserAPC(ends_it, thread, 44);
    printf("ended by a call: %u\n", (unsigned)ended(thread));
    printf("other names: %u", (unsigned)ended((HANDLE)_beginthreadex(NULL, 0, by_the_other_name, NULL, 0, (unsigned *)&id2)));
    printf(" %u\n", (unsigned)ended((HANDLE)_beginthreadex(NULL, 0, by_the_other_name, &id, 0, NULL)));

    printf("bad: %d", OpenThread(SYNCHRONIZE, FALSE, 0) == NULL);
    printf(" %u", (unsigned)GetLastError());
    printf(" %d", GetExitCodeThread(go, &code));
    printf(" %u", (unsigned)GetLastError());
    printf(" %d", TlsSetValue(5000, NULL));
    printf(" %u\n", (unsigned)GetLastError());
    printf("this one: %d", GetExitCodeThread(GetCurrentThread(), &code));
    printf(" %u %d %d\n", (unsigned)code, GetThreadPriority(GetCurrentThread()), SwitchToThread() >= 0);
    printf("slot: %d\n", TlsFree(slot));
    return 0;
}
