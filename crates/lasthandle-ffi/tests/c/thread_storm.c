/* Threads queue calls to a thread that waits and ends; threads that the C library made, and forked children. Linux only. */
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <windows.h>

static volatile LONG ran, queued, refused;
static HANDLE never;

static void CALLBACK count(ULONG_PTR last)
{
    __atomic_add_fetch(&ran, 1, __ATOMIC_SEQ_CST);
    if (last)
        ExitThread((DWORD)last);
}

static DWORD WINAPI target(LPVOID unused)
{
    (void)unused;
    for (;;)
        if (WaitForSingleObjectEx(never, INFINITE, TRUE) == WAIT_FAILED)
            return 0;
}

static DWORD WINAPI sender(LPVOID thread)
{
    for (int call = 0; call < 500; call++) {
        if (QueueUserAPC(count, (HANDLE)thread, 0))
            __atomic_add_fetch(&queued, 1, __ATOMIC_SEQ_CST);
        else if (GetLastError() == 31)
            __atomic_add_fetch(&refused, 1, __ATOMIC_SEQ_CST);
    }
    return 0;
}

static void storm(int kill_at_once)
{
    HANDLE thread = CreateThread(NULL, 0, target, NULL, 0, NULL), senders[4];
    DWORD code = 0;
    ran = queued = refused = 0;
    for (int index = 0; index < 4; index++)
        senders[index] = CreateThread(NULL, 0, sender, thread, 0, NULL);
    if (kill_at_once)
        QueueUserAPC(count, thread, 9);
    WaitForMultipleObjects(4, senders, TRUE, INFINITE);
    if (!kill_at_once)
        QueueUserAPC(count, thread, 9);
    if (WaitForSingleObject(thread, 20000) != WAIT_OBJECT_0)
        puts("it sleeps beside its calls");
    GetExitCodeThread(thread, &code);
    if (queued + refused != 2000 || code != 9 || (!kill_at_once && ran != 2001) || ran > queued + 1)
        printf("%d queued, %d refused, %d ran, code %u\n", queued, refused, ran, (unsigned)code);
    for (int index = 0; index < 4; index++)
        CloseHandle(senders[index]);
    CloseHandle(thread);
}

/* A thread of the C library: how it ends, and whether it calls us before. */
static volatile DWORD number;
static volatile int calls_us;
static HANDLE own, release, begun;

static void *library_thread(void *how)
{
    if (calls_us)
        DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &own, 0, FALSE, 2);
    number = (DWORD)syscall(SYS_gettid);
    SetEvent(begun);
    if (how != NULL && *(int *)how == 2) {
        for (;;)
            pause();
    }
    WaitForSingleObject(release, INFINITE);
    SleepEx(0, TRUE);
    if (how != NULL)
        pthread_exit(NULL);
    return NULL;
}

static void library(int how, int calls)
{
    pthread_t thread;
    HANDLE opened;
    DWORD code = 1;
    calls_us = calls;
    ran = 0;
    own = NULL;
    ResetEvent(release);
    pthread_create(&thread, NULL, library_thread, how == 0 ? NULL : &how);
    WaitForSingleObject(begun, INFINITE);
    opened = OpenThread(THREAD_ALL_ACCESS, FALSE, number);
    printf("%d%d:", how, calls);
    printf(" %d %x", QueueUserAPC(count, opened, 0) != 0, (unsigned)WaitForSingleObject(opened, 10));
    SetEvent(release);
    if (how == 2)
        pthread_cancel(thread);
    printf(" %x", (unsigned)WaitForSingleObject(opened, 20000));
    printf(" %d", GetExitCodeThread(opened, &code));
    printf(" %u %d", (unsigned)code, ran);
    printf(" %x\n", own == NULL ? 0 : (unsigned)WaitForSingleObject(own, 0));
    pthread_join(thread, NULL);
    CloseHandle(opened);
    if (own != NULL)
        CloseHandle(own);
}

static int child(HANDLE parents)
{
    DWORD waited = WaitForSingleObject(parents, 0);
    int bad = waited != WAIT_OBJECT_0 || QueueUserAPC(count, parents, 0) || GetLastError() != 31;
    ran = 0;
    bad += !QueueUserAPC(count, GetCurrentThread(), 0) || SleepEx(0, TRUE) != WAIT_IO_COMPLETION || ran != 1;
    return bad;
}

static void forks(void)
{
    HANDLE thread = CreateThread(NULL, 0, target, NULL, 0, NULL), self;
    int status = 1;
    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE, 2);
    WaitForSingleObject(self, 1);
    WaitForSingleObject(thread, 1);
    for (int round = 0; round < 20; round++) {
        pid_t forked = fork();
        if (forked == 0)
            _exit(child(thread));
        waitpid(forked, &status, 0);
        if (status != 0)
            printf("child: %d\n", status);
    }
    printf("still: %x %x\n", (unsigned)WaitForSingleObject(thread, 0), (unsigned)WaitForSingleObject(self, 0));
    QueueUserAPC(count, thread, 9);
    printf("ended: %x\n", (unsigned)WaitForSingleObject(thread, 20000));
}

static DWORD WINAPI last(LPVOID first)
{
    printf("first thread: %x\n", (unsigned)WaitForSingleObject((HANDLE)first, 20000));
    fflush(stdout);
    return 0;
}

int main(void)
{
    HANDLE self;
    setvbuf(stdout, NULL, _IONBF, 0);
    never = CreateEventA(NULL, TRUE, FALSE, NULL);
    begun = CreateEventA(NULL, FALSE, FALSE, NULL);
    release = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (int round = 0; round < 10; round++)
        storm(round % 2);
    for (int how = 0; how < 3; how++)
        for (int calls = 0; calls < 2; calls++)
            library(how, calls);
    forks();
    printf("bad: %d", CreateThread(NULL, 0, target, NULL, 2, NULL) == NULL);
    printf(" %u", (unsigned)GetLastError());
    printf(" %d", CreateThread(NULL, 0, NULL, NULL, 0, NULL) == NULL);
    printf(" %u", (unsigned)GetLastError());
    printf(" %d", CreateThread(NULL, (SIZE_T)1 << 60, target, NULL, 0, NULL) == NULL);
    printf(" %u", (unsigned)GetLastError());
    printf(" %d", TerminateThread(GetCurrentThread(), 0));
    printf(" %u", (unsigned)GetLastError());
    printf(" %u", (unsigned)QueueUserAPC(NULL, GetCurrentThread(), 0));
    printf(" %u\n", (unsigned)GetLastError());
    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE, 2);
    CreateThread(NULL, 0, last, self, 0, NULL);
    ExitThread(0);
}
