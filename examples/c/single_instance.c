// A program of which one instance runs at a time, guarded by a mutex; says so if the one before it was killed.
//
//     single_instance          runs until its input ends
//     single_instance crash    ends without giving the mutex back
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <tchar.h>

int _tmain(int argc, TCHAR *argv[])
{
    HANDLE mutex = CreateMutex(NULL, FALSE, TEXT("Local\\SampleSingleInstance"));
    if (mutex == NULL)
    {
        _tprintf(TEXT("CreateMutex failed: %u\n"), (unsigned)GetLastError());
        return 1;
    }

    switch (WaitForSingleObject(mutex, 0))
    {
    case WAIT_OBJECT_0:
        _tprintf(TEXT("We are alone.\n"));
        break;
    case WAIT_ABANDONED:
        _tprintf(TEXT("We are alone; the instance before us crashed.\n"));
        break;
    case WAIT_TIMEOUT:
        _tprintf(TEXT("Another instance is running.\n"));
        CloseHandle(mutex);
        return 2;
    default:
        _tprintf(TEXT("The wait failed: %u\n"), (unsigned)GetLastError());
        CloseHandle(mutex);
        return 1;
    }
    fflush(stdout);

    while (getchar() != EOF)
        ;
    if (argc > 1 && _tcscmp(argv[1], TEXT("crash")) == 0)
        _exit(3);
    ReleaseMutex(mutex);
    CloseHandle(mutex);
    return 0;
}
