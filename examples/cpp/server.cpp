// The first process, in C++: publishes a message in named shared memory until a key is pressed.
#include <windows.h>
#include <conio.h>
#include <tchar.h>
#include <memory>

struct HandleCloser
{
    void operator()(HANDLE handle) const { CloseHandle(handle); }
};

struct ViewUnmapper
{
    void operator()(void *view) const { UnmapViewOfFile(view); }
};

typedef std::unique_ptr<void, HandleCloser> UniqueHandle;
typedef std::unique_ptr<TCHAR, ViewUnmapper> UniqueView;

int _tmain()
{
    const TCHAR message[] = TEXT("Message from first process.");

    UniqueHandle mapping(CreateFileMapping(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, 0, 256, TEXT("Local\\HelloWorld")));
    if (!mapping)
    {
        _tprintf(TEXT("Could not create file mapping object (%u).\n"), static_cast<unsigned>(GetLastError()));
        return 1;
    }
    UniqueView view(static_cast<TCHAR *>(MapViewOfFile(mapping.get(), FILE_MAP_WRITE, 0, 0, 256)));
    if (!view)
    {
        _tprintf(TEXT("Could not map view of file (%u).\n"), static_cast<unsigned>(GetLastError()));
        return 1;
    }

    CopyMemory(view.get(), message, sizeof message);
    _tprintf(TEXT("The message is there. Press a key to end.\n"));
    fflush(stdout);
    _getch();
    return 0;
}
