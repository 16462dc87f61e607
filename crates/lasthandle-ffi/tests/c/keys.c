/* Threads' ends are told though the program takes all the thread-local values there are; where it has them before
 * anything is called, no thread is made whose end nobody would tell. Prints what CreateThread says, what a wait for the
 * thread, how many values there were at least, and what it says when they were given back. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

static DWORD WINAPI thread(LPVOID argument)
{
    (void)argument;
    return 5;
}

static void say(void)
{
    DWORD code = 0;
    HANDLE made = CreateThread(NULL, 0, thread, NULL, 0, NULL);
    if (made == NULL) {
        printf("no: %u\n", (unsigned)GetLastError());
        return;
    }
    printf("waited: %x", (unsigned)WaitForSingleObject(made, 5000));
    GetExitCodeThread(made, &code);
    printf(" %u\n", (unsigned)code);
    CloseHandle(made);
}

int main(int count, char **arguments)
{
    static DWORD indexes[2000];
    pthread_key_t keys[2000];
    int taken = 0;
    setvbuf(stdout, NULL, _IONBF, 0);
    if (count > 1 && strcmp(arguments[1], "before") == 0) {
        while (pthread_key_create(&keys[taken], NULL) == 0)
            taken++;
        say();
        while (taken > 0)
            pthread_key_delete(keys[--taken]);
    } else {
        while ((indexes[taken] = TlsAlloc()) != TLS_OUT_OF_INDEXES)
            taken++;
        printf("at least 64: %d %d\n", taken >= 64, TlsGetValue(TLS_OUT_OF_INDEXES) == NULL);
        say();
        while (taken > 0)
            TlsFree(indexes[--taken]);
    }
    say();
    return 0;
}
