// The first process: publishes a message in named shared memory until Enter is pressed. By P/Invoke, as the names are
// declared where nothing is said of characters: narrow.
using System;
using System.Runtime.InteropServices;
using System.Text;

class Server
{
    const uint PAGE_READWRITE = 0x04;
    const uint FILE_MAP_WRITE = 0x0002;
    static readonly IntPtr INVALID_HANDLE_VALUE = new IntPtr(-1);

    [DllImport("Kernel32.dll", SetLastError = true)]
    static extern IntPtr CreateFileMapping(IntPtr hFile, IntPtr lpAttributes, uint flProtect,
        uint dwMaximumSizeHigh, uint dwMaximumSizeLow, string lpName);

    [DllImport("Kernel32.dll", SetLastError = true)]
    static extern IntPtr MapViewOfFile(IntPtr hFileMappingObject, uint dwDesiredAccess,
        uint dwFileOffsetHigh, uint dwFileOffsetLow, UIntPtr dwNumberOfBytesToMap);

    [DllImport("Kernel32.dll", SetLastError = true)]
    static extern bool UnmapViewOfFile(IntPtr lpBaseAddress);

    [DllImport("Kernel32.dll", SetLastError = true)]
    static extern bool CloseHandle(IntPtr hObject);

    static int Main()
    {
        IntPtr mapping = CreateFileMapping(INVALID_HANDLE_VALUE, IntPtr.Zero, PAGE_READWRITE, 0, 256, "Local\\HelloWorld");
        if (mapping == IntPtr.Zero)
        {
            Console.WriteLine("Could not create file mapping object ({0}).", Marshal.GetLastWin32Error());
            return 1;
        }
        IntPtr view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, (UIntPtr)256);
        if (view == IntPtr.Zero)
        {
            Console.WriteLine("Could not map view of file ({0}).", Marshal.GetLastWin32Error());
            CloseHandle(mapping);
            return 1;
        }

        // Text for readers of narrow characters.
        byte[] message = Encoding.UTF8.GetBytes("Message from first process.\0");
        Marshal.Copy(message, 0, view, message.Length);
        Console.WriteLine("The message is there. Press Enter to end.");
        Console.ReadLine();

        UnmapViewOfFile(view);
        CloseHandle(mapping);
        return 0;
    }
}
