/* Critical sections. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define ROUNDS 50000

static CRITICAL_SECTION section;
static int protected_count;
static int tries;

static void *count(void *unused)
{
    for (int round = 0; round < ROUNDS; round++) {
        EnterCriticalSection(&section);
        EnterCriticalSection(&section);
        protected_count++;
        LeaveCriticalSection(&section);
        LeaveCriticalSection(&section);
    }
    return unused;
}

static void *try_it(void *unused)
{
    tries = TryEnterCriticalSection(&section);
    if (tries)
        LeaveCriticalSection(&section);
    return unused;
}

static int tried_by_another(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, try_it, NULL);
    pthread_join(thread, NULL);
    return tries;
}

int main(void)
{
    pthread_t threads[4];
    printf("%d bytes\n", (int)sizeof section);
    memset(&section, 0xEE, sizeof section);
    InitializeCriticalSection(&section);
    printf("free: %d %d\n", (int)section.RecursionCount, section.OwningThread == NULL);
    for (int index = 0; index < 4; index++)
        pthread_create(&threads[index], NULL, count, NULL);
    for (int index = 0; index < 4; index++)
        pthread_join(threads[index], NULL);
    printf("counted: %d\n", protected_count);

    printf("free: %d\n", tried_by_another());
    EnterCriticalSection(&section);
    printf("mine: %d, by another: %d\n", TryEnterCriticalSection(&section), tried_by_another());
    printf("owner: %d, times: %d\n", section.OwningThread == (HANDLE)(ULONG_PTR)GetCurrentThreadId(),
           (int)section.RecursionCount);
    LeaveCriticalSection(&section);
    printf("still: %d\n", tried_by_another());
    LeaveCriticalSection(&section);
    printf("free: %d\n", tried_by_another());
    DeleteCriticalSection(&section);

    printf("%d\n", InitializeCriticalSectionAndSpinCount(&section, 4000));
    printf("spins: %u\n", (unsigned)(SetCriticalSectionSpinCount(&section, 10) & 0xFFFFFF));
    printf("spins: %u\n", (unsigned)(SetCriticalSectionSpinCount(&section, 0) & 0xFFFFFF));
    DeleteCriticalSection(&section);
    printf("%d\n", InitializeCriticalSectionEx(&section, 100, CRITICAL_SECTION_NO_DEBUG_INFO));
    DeleteCriticalSection(&section);
    SetLastError(0);
    printf("flags: %d", InitializeCriticalSectionEx(&section, 100, 0x80000000));
    printf(" %u\n", (unsigned)GetLastError());
    return 0;
}
