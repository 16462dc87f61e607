/* The first thread ends before another one, or alone, while the library has a thread of its own: the process ends with
 * the program's last thread, and with its code. */
#include <stdio.h>
#include <windows.h>

static DWORD WINAPI worker(LPVOID argument)
{
    (void)argument;
    Sleep(50);
    return 4;
}

int main(int count, char **arguments)
{
    (void)arguments;
    GetCurrentProcessId();
    if (count > 1)
        CloseHandle(CreateThread(NULL, 0, worker, NULL, 0, NULL));
    ExitThread(3);
    return 0;
}
