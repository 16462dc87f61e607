/* The two processes of the documentation's page on named shared memory: one publishes a text under a name, the other
 * reads it.
 *
 *   hello server     publishes, says so, and holds the memory until its input ends
 *   hello client     prints what it finds
 */
#include <stdio.h>
#include <windows.h>

#define BUF_SIZE 256

static TCHAR szName[] = TEXT("Local\\HelloWorld");
static TCHAR szMsg[] = TEXT("Message from first process.");

static int failed(const char *what)
{
    printf("%s: error %u\n", what, (unsigned)GetLastError());
    return 1;
}

static int server(void)
{
    HANDLE hMapFile = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, BUF_SIZE, szName);
    if (hMapFile == NULL)
        return failed("CreateFileMapping");
    LPTSTR pBuf = (LPTSTR)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);
    if (pBuf == NULL) {
        failed("MapViewOfFile");
        CloseHandle(hMapFile);
        return 1;
    }
    CopyMemory((PVOID)pBuf, szMsg, sizeof szMsg);
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    return 0;
}

static int client(void)
{
    HANDLE hMapFile = OpenFileMapping(FILE_MAP_ALL_ACCESS, FALSE, szName);
    if (hMapFile == NULL)
        return failed("OpenFileMapping");
    LPCTSTR pBuf = (LPCTSTR)MapViewOfFile(hMapFile, FILE_MAP_ALL_ACCESS, 0, 0, BUF_SIZE);
    if (pBuf == NULL) {
        failed("MapViewOfFile");
        CloseHandle(hMapFile);
        return 1;
    }
    for (const TCHAR *unit = pBuf; *unit != 0; unit++)
        putchar((int)*unit);
    putchar('\n');
    UnmapViewOfFile(pBuf);
    CloseHandle(hMapFile);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    return argv[1][0] == 's' ? server() : client();
}
