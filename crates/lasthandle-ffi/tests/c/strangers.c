/* Threads that others made are opened and closed, again and again: what looks after them ends with their handles. */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <windows.h>

#define COUNT 40

static DWORD ids[COUNT];
static pthread_barrier_t begun, end;

static void *stranger(void *place)
{
    *(DWORD *)place = (DWORD)syscall(SYS_gettid);
    pthread_barrier_wait(&begun);
    pthread_barrier_wait(&end);
    return NULL;
}

static int tasks(void)
{
    int count = -2;
    DIR *all = opendir("/proc/self/task");
    while (readdir(all) != NULL)
        count++;
    closedir(all);
    return count;
}

int main(void)
{
    HANDLE handles[COUNT];
    pthread_t threads[COUNT];
    int bad = 0, left = 0;
    pthread_barrier_init(&begun, NULL, COUNT + 1);
    pthread_barrier_init(&end, NULL, COUNT + 1);
    for (int index = 0; index < COUNT; index++)
        pthread_create(&threads[index], NULL, stranger, &ids[index]);
    pthread_barrier_wait(&begun);
    for (int round = 0; round < 200; round++) {
        for (int index = 0; index < COUNT; index++) {
            handles[index] = OpenThread(SYNCHRONIZE | THREAD_QUERY_INFORMATION, FALSE, ids[index]);
            bad += WaitForSingleObject(handles[index], 0) != WAIT_TIMEOUT;
            bad += GetThreadId(handles[index]) != ids[index];
        }
        if (round % 50 == 0)
            Sleep(15);
        for (int index = 0; round < 199 && index < COUNT; index++)
            bad += !CloseHandle(handles[index]);
    }
    for (int index = 0; index < COUNT; index++)
        bad += !CloseHandle(handles[index]);
    for (int tries = 0; tries < 500 && (left = tasks() - 1 - COUNT) > 0; tries++)
        Sleep(10);
    printf("%d look after nobody\n", left);
    /* Those that are open hear of the end. */
    for (int index = 0; index < COUNT; index++)
        handles[index] = OpenThread(SYNCHRONIZE, FALSE, ids[index]);
    pthread_barrier_wait(&end);
    for (int index = 0; index < COUNT; index++) {
        bad += WaitForSingleObject(handles[index], 5000) != WAIT_OBJECT_0;
        CloseHandle(handles[index]);
        pthread_join(threads[index], NULL);
    }
    printf("%d bad\n", bad);
    return 0;
}
