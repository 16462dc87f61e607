/* A file that is deleted when it is closed, by a process that ends without closing it.
 *
 *   doomed FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

int main(int argc, char **argv)
{
    HANDLE file;
    if (argc < 2)
        return 2;
    file = CreateFileA(argv[1], GENERIC_WRITE, 7, NULL, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    printf("opened: %d\n", file != INVALID_HANDLE_VALUE);
    fflush(stdout);
#ifndef _WIN32
    /* What a forked child does with its copy, or that it ends, deletes nothing. */
    if (fork() == 0) {
        CloseHandle(file);
        exit(0);
    }
    wait(NULL);
#endif
    printf("there: %d\n", GetFileAttributesA(argv[1]) != INVALID_FILE_ATTRIBUTES);
    fflush(stdout);
    getchar();
    return 0;
}
