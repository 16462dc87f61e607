// A client of the sample as the documentation of named shared memory has it: it shows the message in a box.
#include <windows.h>
#include <stdio.h>
#include <conio.h>
#include <tchar.h>

#if defined(_MSC_VER)
#pragma comment(lib, "user32.lib")
#endif

#define BUF_SIZE 256
TCHAR szName[]=TEXT("Local\\HelloWorld");

int _tmain()
{
   HANDLE hMapFile = OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, szName);
   LPCTSTR pBuf;

   if (hMapFile == NULL)
   {
      _tprintf(TEXT("Could not open file mapping object (%d).\n"), GetLastError());
      return 1;
   }
   pBuf = (LPTSTR)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);
   if (pBuf == NULL)
   {
      CloseHandle(hMapFile);
      return 1;
   }
   MessageBox(NULL, pBuf, TEXT("Process2"), MB_OK);
   UnmapViewOfFile(pBuf);
   CloseHandle(hMapFile);
   return 0;
}
