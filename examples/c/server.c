// The first process: publishes a message in named shared memory until a key is pressed.
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>

#define BUF_SIZE 256

TCHAR szName[] = TEXT("Local\\HelloWorld");
TCHAR szMsg[] = TEXT("Message from first process.");

int _tmain()
{
    HANDLE hMapFile;
    LPTSTR pBuf;

    hMapFile = CreateFileMapping(
        INVALID_HANDLE_VALUE,   // memory, no file
        NULL,                   // default security
        PAGE_READWRITE,         // read and write
        0,                      // size, high-order DWORD
        BUF_SIZE,               // size, low-order DWORD
        szName);                // name of the mapping

    if (hMapFile == NULL)
    {
        _tprintf(TEXT("Could not create file mapping object (%d).\n"), (int)GetLastError());
        return 1;
    }

    pBuf = (LPTSTR)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);
    if (pBuf == NULL)
    {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());
        CloseHandle(hMapFile);
        return 1;
    }

    CopyMemory((PVOID)pBuf, szMsg, (_tcslen(szMsg) + 1) * sizeof(TCHAR));
    _tprintf(TEXT("The message is there. Press a key to end.\n"));
    fflush(stdout);
    _getch();

    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    return 0;
}
