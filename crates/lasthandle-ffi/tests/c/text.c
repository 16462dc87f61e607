/* Text functions by their names of <tchar.h>: narrow text is UTF-8, wide text has 16-bit units, and both print the same.
 *
 *   text ARGUMENT
 */
#include <windows.h>
#include <stdio.h>
#include <tchar.h>

int _tmain(int argc, TCHAR *argv[])
{
    TCHAR text[40];
    const TCHAR *end = text;

    _tprintf(TEXT("%d|%5d|%-5d|%05d|%x|%#X|%u|%+d|%lld|%c|%%|%6.2f|%e|"), -3, 42, 42, 42, 255u, 255u, 7u, 5, -5LL, 'x',
             3.14159, 1.5);
    _tprintf(TEXT("%s|%10s|%-10s|%.3s|%*d|%.*d\n"), TEXT("g\u00fc\u20ac\U0001F44B"), TEXT("ab"), TEXT("ab"),
             TEXT("abcdef"), 4, 7, 3, 7);
    _tprintf(TEXT("long: %lu %ld %llu\n"), 4294967295ul, -1l, ~0ull);

    _stprintf_s(text, 40, TEXT("n%uz%s"), 12u, TEXT("\u00e4"));
    _tprintf(TEXT("length %d, text %s, same %d\n"), (int)_tcslen(TEXT("g\u00fc\u20ac\U0001F44Bxx")), text,
             _tcscmp(text, TEXT("n12z\u00e4")));

    _tcscpy(text, TEXT("ab"));
    _tcscat(text, TEXT("cab"));
    _tprintf(TEXT("found %d %d %d"), (int)(_tcschr(text, 'c') - text), (int)(_tcsstr(text, TEXT("ca")) - text),
             _tcschr(text, 'z') == NULL ? -1 : 0);
    while (*end != 0 && end != _tcsrchr(text, 'b'))
        end++;
    _tprintf(TEXT(", end %d\n"), (int)(end - text));

    _tprintf(TEXT("%d %s\n"), argc, argc > 1 ? argv[1] : TEXT("-"));
    _putts(TEXT("done"));
    return 0;
}
