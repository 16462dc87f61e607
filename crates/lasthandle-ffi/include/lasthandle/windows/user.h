/* What small programs of named objects use of user32, as far as a terminal can stand for it. */
#ifndef LASTHANDLE_WINDOWS_USER_H
#define LASTHANDLE_WINDOWS_USER_H

#include "types.h"
#include "wide.h"

typedef struct HWND__ *HWND;

#define MB_OK 0x00000000u
#define MB_ICONERROR 0x00000010u
#define MB_ICONWARNING 0x00000030u
#define MB_ICONINFORMATION 0x00000040u
#define IDOK 1

/* There is no box: prints "caption: text" to the terminal, and says at once that OK was chosen, whatever buttons are
 * asked for. */
static inline int MessageBoxW(HWND owner, LPCWSTR text, LPCWSTR caption, UINT type)
{
    (void)owner, (void)type;
    if (caption != NULL) {
        lasthandle_fputws(caption, stdout);
        fputs(": ", stdout);
    }
    if (text != NULL)
        lasthandle_fputws(text, stdout);
    putchar('\n');
    fflush(stdout);
    return IDOK;
}

/* The same for narrow text. */
static inline int MessageBoxA(HWND owner, LPCSTR text, LPCSTR caption, UINT type)
{
    (void)owner, (void)type;
    printf("%s%s%s\n", caption ? caption : "", caption ? ": " : "", text ? text : "");
    fflush(stdout);
    return IDOK;
}

/* Rings the terminal's bell, whatever sound is asked for. */
static inline BOOL MessageBeep(UINT sound)
{
    (void)sound;
    return fputc('\a', stderr) != EOF;
}

#define MessageBox LASTHANDLE_AW(MessageBox)

#endif
