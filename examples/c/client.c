// The second process: reads the message that the first one published.
#include <windows.h>
#include <stdio.h>
#include <tchar.h>

#define BUF_SIZE 256

TCHAR szName[] = TEXT("Local\\HelloWorld");

int _tmain()
{
    HANDLE hMapFile;
    LPCTSTR pBuf;

    hMapFile = OpenFileMapping(FILE_MAP_READ, FALSE, szName);
    if (hMapFile == NULL)
    {
        _tprintf(TEXT("Could not open file mapping object (%d).\n"), (int)GetLastError());
        return 1;
    }

    pBuf = (LPCTSTR)MapViewOfFile(hMapFile, FILE_MAP_READ, 0, 0, BUF_SIZE);
    if (pBuf == NULL)
    {
        _tprintf(TEXT("Could not map view of file (%d).\n"), (int)GetLastError());
        CloseHandle(hMapFile);
        return 1;
    }

    _tprintf(TEXT("%s\n"), pBuf);

    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    return 0;
}
