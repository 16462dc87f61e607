// The second process: reads the message that the first one published. Narrow, as nothing is said of characters.
using System;
using System.Runtime.InteropServices;

class Client
{
    const uint FILE_MAP_READ = 0x0004;

    [DllImport("Kernel32.dll", SetLastError = true)]
    static extern IntPtr OpenFileMapping(uint dwDesiredAccess, bool bInheritHandle, string lpName);

    [DllImport("Kernel32.dll", SetLastError = true)]
    static extern IntPtr MapViewOfFile(IntPtr hFileMappingObject, uint dwDesiredAccess,
        uint dwFileOffsetHigh, uint dwFileOffsetLow, UIntPtr dwNumberOfBytesToMap);

    [DllImport("Kernel32.dll", SetLastError = true)]
    static extern bool UnmapViewOfFile(IntPtr lpBaseAddress);

    [DllImport("Kernel32.dll", SetLastError = true)]
    static extern bool CloseHandle(IntPtr hObject);

    static int Main()
    {
        IntPtr mapping = OpenFileMapping(FILE_MAP_READ, false, "Local\\HelloWorld");
        if (mapping == IntPtr.Zero)
        {
            Console.WriteLine("Could not open file mapping object ({0}).", Marshal.GetLastWin32Error());
            return 1;
        }
        IntPtr view = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, (UIntPtr)256);
        if (view == IntPtr.Zero)
        {
            Console.WriteLine("Could not map view of file ({0}).", Marshal.GetLastWin32Error());
            CloseHandle(mapping);
            return 1;
        }

        Console.WriteLine(Marshal.PtrToStringAnsi(view));

        UnmapViewOfFile(view);
        CloseHandle(mapping);
        return 0;
    }
}
