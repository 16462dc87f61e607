/* Calls queued to a thread: their order, in which waits they run, and what the waits say. */
#include <stdio.h>
#include <windows.h>

static DWORD main_thread;
static HANDLE self;

static void CALLBACK say(ULONG_PTR number)
{
    printf(" %u%s", (unsigned)number, GetCurrentThreadId() == main_thread ? "" : " elsewhere");
}

static void CALLBACK chain(ULONG_PTR number)
{
    printf(" chain%u", (unsigned)number);
    if (number > 0)
        QueueUserAPC(chain, GetCurrentThread(), number - 1);
}

static void CALLBACK nest(ULONG_PTR number)
{
    DWORD waited;
    printf(" (");
    waited = SleepEx(0, TRUE);
    printf(" %x in %u)", (unsigned)waited, (unsigned)number);
}

static void CALLBACK set_it(ULONG_PTR event)
{
    printf(" set");
    SetEvent((HANDLE)event);
}

static void queue(PAPCFUNC routine, ULONG_PTR argument)
{
    if (!QueueUserAPC(routine, self, argument))
        printf("not queued: %u\n", (unsigned)GetLastError());
}

static DWORD WINAPI queue_later(LPVOID thread)
{
    Sleep(30);
    return QueueUserAPC(say, (HANDLE)thread, 50);
}

int main(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE full = CreateEventA(NULL, TRUE, TRUE, NULL);
    HANDLE both[2], weak, other;
    DWORD code = 0;

    setvbuf(stdout, NULL, _IONBF, 0);
    main_thread = GetCurrentThreadId();
    both[0] = event;
    both[1] = full;
    printf("real handle: %d\n",
           DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE, 2));
    printf("nothing queued: %x\n", (unsigned)SleepEx(0, TRUE));
    queue(say, 1);
    queue(say, 2);
    printf("not alertable: %x %x\n", (unsigned)SleepEx(1, FALSE), (unsigned)WaitForSingleObjectEx(event, 0, FALSE));
    printf("in order:");
    printf(" = %x\n", (unsigned)SleepEx(INFINITE, TRUE));
    queue(say, 3);
    printf("signaled goes first: %x", (unsigned)WaitForSingleObjectEx(full, INFINITE, TRUE));
    printf(" %x", (unsigned)WaitForMultipleObjectsEx(2, both, FALSE, INFINITE, TRUE));
    printf(" %x then", (unsigned)SignalObjectAndWait(event, event, INFINITE, TRUE));
    printf(" = %x\n", (unsigned)WaitForSingleObjectEx(event, 0, TRUE));
    queue(say, 4);
    printf("all:");
    printf(" = %x\n", (unsigned)WaitForMultipleObjectsEx(2, both, TRUE, INFINITE, TRUE));
    queue(say, 5);
    printf("any:");
    printf(" = %x\n", (unsigned)WaitForMultipleObjectsEx(1, both, FALSE, 5000, TRUE));
    queue(say, 6);
    printf("signal and wait:");
    printf(" = %x", (unsigned)SignalObjectAndWait(full, event, INFINITE, TRUE));
    printf(" %x\n", (unsigned)WaitForSingleObject(event, 0));
    queue(chain, 2);
    queue(say, 7);
    printf("queued by calls:");
    printf(" = %x\n", (unsigned)SleepEx(INFINITE, TRUE));
    queue(nest, 8);
    queue(say, 9);
    printf("nested:");
    printf(" = %x\n", (unsigned)SleepEx(INFINITE, TRUE));
    queue(nest, 10);
    printf("nested, nothing:");
    printf(" = %x\n", (unsigned)SleepEx(INFINITE, TRUE));
    queue(set_it, (ULONG_PTR)event);
    printf("a call that signals:");
    printf(" = %x", (unsigned)WaitForSingleObjectEx(event, INFINITE, TRUE));
    printf(" then %x\n", (unsigned)WaitForSingleObjectEx(event, INFINITE, TRUE));
    printf("time is up: %x\n", (unsigned)WaitForSingleObjectEx(event, 10, TRUE));
    SetLastError(77);
    printf("while asleep:");
    other = CreateThread(NULL, 0, queue_later, self, 0, NULL);
    printf(" = %x %u\n", (unsigned)WaitForSingleObjectEx(event, INFINITE, TRUE), (unsigned)GetLastError());
    WaitForSingleObject(other, INFINITE);
    GetExitCodeThread(other, &code);
    printf("it was queued: %d; now: %u", code != 0, (unsigned)QueueUserAPC(say, other, 1));
    printf(" %u\n", (unsigned)GetLastError());
    DuplicateHandle(GetCurrentProcess(), self, GetCurrentProcess(), &weak, SYNCHRONIZE, FALSE, 0);
    printf("no right: %u", (unsigned)QueueUserAPC(say, weak, 1));
    printf(" %u\n", (unsigned)GetLastError());
    printf("no thread: %u", (unsigned)QueueUserAPC(say, event, 1));
    printf(" %u", (unsigned)GetLastError());
    printf(" %u", (unsigned)QueueUserAPC(say, NULL, 1));
    printf(" %u\n", (unsigned)GetLastError());
    printf("pseudo handle: %d", QueueUserAPC(say, GetCurrentThread(), 60) != 0);
    printf(" = %x\n", (unsigned)WaitForSingleObjectEx(GetCurrentProcess(), INFINITE, TRUE));
    printf("failed waits run nothing: %d", QueueUserAPC(say, self, 61) != 0);
    printf(" %x", (unsigned)WaitForSingleObjectEx(NULL, INFINITE, TRUE));
    printf(" %u", (unsigned)GetLastError());
    printf(" %x", (unsigned)WaitForMultipleObjectsEx(0, both, FALSE, 0, TRUE));
    printf(" %u;", (unsigned)GetLastError());
    printf(" = %x\n", (unsigned)SleepEx(0, TRUE));
    CloseHandle(weak);
    CloseHandle(other);
    CloseHandle(self);
    CloseHandle(event);
    CloseHandle(full);
    return 0;
}
