// The first process: publishes a message in named shared memory until Enter is pressed. With Unicode names and text, and
// handles that the runtime closes.
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

class SafeFileMappingHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    SafeFileMappingHandle() : base(true) { }

    protected override bool ReleaseHandle() { return NativeMethods.CloseHandle(handle); }
}

[Flags]
enum FileProtection : uint
{
    PAGE_READONLY = 0x02,
    PAGE_READWRITE = 0x04,
    PAGE_WRITECOPY = 0x08,
}

[Flags]
enum FileMapAccess : uint
{
    FILE_MAP_COPY = 0x0001,
    FILE_MAP_WRITE = 0x0002,
    FILE_MAP_READ = 0x0004,
    FILE_MAP_ALL_ACCESS = 0x000F001F,
}

[StructLayout(LayoutKind.Sequential)]
class SECURITY_ATTRIBUTES
{
    public int nLength = Marshal.SizeOf(typeof(SECURITY_ATTRIBUTES));
    public IntPtr lpSecurityDescriptor = IntPtr.Zero;
    public bool bInheritHandle = false;
}

static class NativeMethods
{
    public static readonly IntPtr INVALID_HANDLE_VALUE = new IntPtr(-1);

    [DllImport("Kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern SafeFileMappingHandle CreateFileMapping(IntPtr hFile, SECURITY_ATTRIBUTES lpAttributes,
        FileProtection flProtect, uint dwMaximumSizeHigh, uint dwMaximumSizeLow, string lpName);

    [DllImport("Kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern IntPtr MapViewOfFile(SafeFileMappingHandle hFileMappingObject, FileMapAccess dwDesiredAccess,
        uint dwFileOffsetHigh, uint dwFileOffsetLow, UIntPtr dwNumberOfBytesToMap);

    [DllImport("Kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool UnmapViewOfFile(IntPtr lpBaseAddress);

    [DllImport("Kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool CloseHandle(IntPtr hHandle);
}

class ServerUnicode
{
    const string MapName = "Local\\HelloWorld";
    const uint MapSize = 256;

    static int Main()
    {
        SafeFileMappingHandle mapping = null;
        IntPtr view = IntPtr.Zero;
        try
        {
            mapping = NativeMethods.CreateFileMapping(NativeMethods.INVALID_HANDLE_VALUE, new SECURITY_ATTRIBUTES(),
                FileProtection.PAGE_READWRITE, 0, MapSize, MapName);
            if (mapping.IsInvalid)
                throw new Win32Exception();
            view = NativeMethods.MapViewOfFile(mapping, FileMapAccess.FILE_MAP_ALL_ACCESS, 0, 0, (UIntPtr)MapSize);
            if (view == IntPtr.Zero)
                throw new Win32Exception();

            byte[] message = Encoding.Unicode.GetBytes("Message from first process.\0");
            Marshal.Copy(message, 0, view, message.Length);
            Console.WriteLine("The message is there. Press Enter to end.");
            Console.ReadLine();
            return 0;
        }
        catch (Win32Exception e)
        {
            Console.WriteLine("The server failed: error {0}", e.NativeErrorCode);
            return 1;
        }
        finally
        {
            if (view != IntPtr.Zero)
                NativeMethods.UnmapViewOfFile(view);
            if (mapping != null)
                mapping.Close();
        }
    }
}
