// The second process, in C++: reads the message that the first one published.
#include <windows.h>
#include <tchar.h>
#include <memory>

struct HandleCloser
{
    void operator()(HANDLE handle) const { CloseHandle(handle); }
};

struct ViewUnmapper
{
    void operator()(const void *view) const { UnmapViewOfFile(view); }
};

typedef std::unique_ptr<void, HandleCloser> UniqueHandle;
typedef std::unique_ptr<const TCHAR, ViewUnmapper> UniqueView;

int _tmain()
{
    UniqueHandle mapping(OpenFileMapping(FILE_MAP_READ, FALSE, TEXT("Local\\HelloWorld")));
    if (!mapping)
    {
        _tprintf(TEXT("Could not open file mapping object (%u).\n"), static_cast<unsigned>(GetLastError()));
        return 1;
    }
    UniqueView view(static_cast<const TCHAR *>(MapViewOfFile(mapping.get(), FILE_MAP_READ, 0, 0, 0)));
    if (!view)
    {
        _tprintf(TEXT("Could not map view of file (%u).\n"), static_cast<unsigned>(GetLastError()));
        return 1;
    }

    _tprintf(TEXT("%s\n"), view.get());
    return 0;
}
