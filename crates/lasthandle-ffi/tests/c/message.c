/* FormatMessage: messages of the system by their properties, a program's own texts with values put in. */
#include <stdarg.h>
#include <stdio.h>
#include <windows.h>

#define UNTOUCHED 12345
#define ARRAY (FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY)

static TCHAR text[512];

static void show(const char *what, DWORD length)
{
    printf("%s: %u %u ", what, (unsigned)length, (unsigned)GetLastError());
    for (DWORD index = 0; index < length; index++) {
        unsigned unit = (unsigned)text[index];
        if (unit == '\r' || unit == '\n')
            printf("\\%c", unit == '\r' ? 'r' : 'n');
        else
            putchar((int)unit);
    }
    putchar('\n');
    SetLastError(UNTOUCHED);
}

/* A text with the values that follow it. */
static void list(const char *what, DWORD flags, const TCHAR *source, ...)
{
    va_list values;
    DWORD length;
    va_start(values, source);
    SetLastError(UNTOUCHED);
    length = FormatMessage(flags | FORMAT_MESSAGE_FROM_STRING, source, 0, 0, text, 512, &values);
    va_end(values);
    show(what, length);
}

static void array(const char *what, const TCHAR *source, DWORD_PTR first, DWORD_PTR second)
{
    DWORD_PTR values[2];
    values[0] = first;
    values[1] = second;
    SetLastError(UNTOUCHED);
    show(what, FormatMessage(ARRAY, source, 0, 0, text, 512, (va_list *)values));
}

static void of_system(DWORD code)
{
    DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, length, again;
    DWORD language = MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT);
    TCHAR *allocated = NULL;
    SetLastError(UNTOUCHED);
    length = FormatMessage(flags, NULL, code, language, text, 512, NULL);
    printf("code %u: %d %u", (unsigned)code, length > 5, (unsigned)GetLastError());
    if (length > 5) {
        printf(", ends a line: %d", text[length - 2] == '\r' && text[length - 1] == '\n' && text[length] == 0);
        again = FormatMessage(flags | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, code, language, (TCHAR *)&allocated, 0, NULL);
        printf(", allocated: %d", again == length && memcmp(allocated, text, (length + 1) * sizeof(TCHAR)) == 0);
        printf(", freed: %d", LocalFree(allocated) == NULL);
        again = FormatMessage(flags | FORMAT_MESSAGE_MAX_WIDTH_MASK, NULL, code, 0, text, 512, NULL);
        printf(", in one line: %d", again == length - 1 && text[again - 1] == ' ');
    }
    putchar('\n');
}

int main(void)
{
    static const DWORD codes[] = {0, 2, 5, 6, 87, 183, 298, 487, 998, 1006, 99999, 0x20000001};
    static const WCHAR wide[] = {'w', 'i', 'd', 'e', 0};
    DWORD length;
    for (unsigned index = 0; index < sizeof codes / sizeof codes[0]; index++)
        of_system(codes[index]);
    length = FormatMessage(FORMAT_MESSAGE_FROM_SYSTEM, NULL, ERROR_ACCESS_DENIED, 0, text, 512, NULL);
    SetLastError(UNTOUCHED);
    text[0] = 'x';
    show("too small", FormatMessage(FORMAT_MESSAGE_FROM_SYSTEM, NULL, ERROR_ACCESS_DENIED, 0, text, length, NULL));
    length = FormatMessage(FORMAT_MESSAGE_FROM_SYSTEM, NULL, ERROR_ACCESS_DENIED, 0, text, length + 1, NULL) - length;
    show("just large enough", length);
    show("from nowhere", FormatMessage(FORMAT_MESSAGE_IGNORE_INSERTS, NULL, 5, 0, text, 512, NULL));
    show("no place", FormatMessage(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ALLOCATE_BUFFER, TEXT("x"), 0, 0, NULL,
                                   9, NULL));

    list("plain", 0, TEXT("plain"));
    list("a text", 0, TEXT("<%1>"), TEXT("value"));
    list("the other way round", 0, TEXT("%2 %1 %2"), TEXT("one"), TEXT("two"));
    list("numbers", 0, TEXT("%1!d! %2!u! %3!x! %4!08lX! %5!5d!| %6!-5d!|"), -7, 7, 0xAB, 0xABC, 42, 42);
    list("ten", 0, TEXT("%1!c!%2!c!%3!c!%4!c!%5!c!%6!c!%7!c!%8!c!%9!c!%10!c!"), 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h',
         'i', 'j');
    list("64 bits", 0, TEXT("%1!I64d! %2!I64x!"), (LONGLONG)-5000000000ll, (LONGLONG)0x123456789ABll);
    list("precision", 0, TEXT("%1!.3s!|%1!6s!|%1!-6s!|%2!.4d!|%2!+d!|%2!#x!"), TEXT("abcd"), 17);
    list("another kind of text", 0, TEXT("%1!hs! %2!ls!"), "narrow", wide);
    list("nothing", 0, TEXT("%1!s!"), NULL);
    list("escapes", 0, TEXT("100%% %!%. a%nb%rc%td"));
    list("the end", 0, TEXT("begin%0end\r\n"));
    list("lines", 0, TEXT("a\nb\r\nc\rd"));
    list("one line", FORMAT_MESSAGE_MAX_WIDTH_MASK, TEXT("a\nb\r\nc%nd"));
    list("short lines", 10, TEXT("aaa bbb ccc\nddd eee%nf"));
    list("ignored", FORMAT_MESSAGE_IGNORE_INSERTS, TEXT("%1 %2!d! %n."), TEXT("value"));
    array("an array", TEXT("%1!s! and %2!u!"), (DWORD_PTR)TEXT("text"), 5);
    array("once", TEXT("%2!u!"), 0, 6);
    SetLastError(UNTOUCHED);
    show("no values", FormatMessage(ARRAY, TEXT("%1"), 0, 0, text, 512, NULL));
    show("nor a list", FormatMessage(FORMAT_MESSAGE_FROM_STRING, TEXT("%1"), 0, 0, text, 512, NULL));
    show("none needed", FormatMessage(ARRAY, TEXT("none"), 0, 0, text, 512, NULL));
    show("no room", FormatMessage(FORMAT_MESSAGE_FROM_STRING, TEXT("text"), 0, 0, text, 4, NULL));
    return 0;
}
