// The second process: reads the message that the first one published. With Unicode names and text.
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

class SafeFileMappingHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    SafeFileMappingHandle() : base(true) { }

    protected override bool ReleaseHandle() { return NativeMethods.CloseHandle(handle); }
}

static class NativeMethods
{
    public const uint FILE_MAP_READ = 0x0004;

    [DllImport("Kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern SafeFileMappingHandle OpenFileMapping(uint dwDesiredAccess, bool bInheritHandle, string lpName);

    [DllImport("Kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    public static extern IntPtr MapViewOfFile(SafeFileMappingHandle hFileMappingObject, uint dwDesiredAccess,
        uint dwFileOffsetHigh, uint dwFileOffsetLow, UIntPtr dwNumberOfBytesToMap);

    [DllImport("Kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool UnmapViewOfFile(IntPtr lpBaseAddress);

    [DllImport("Kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static extern bool CloseHandle(IntPtr hHandle);
}

class ClientUnicode
{
    static int Main()
    {
        SafeFileMappingHandle mapping = null;
        IntPtr view = IntPtr.Zero;
        try
        {
            mapping = NativeMethods.OpenFileMapping(NativeMethods.FILE_MAP_READ, false, "Local\\HelloWorld");
            if (mapping.IsInvalid)
                throw new Win32Exception(Marshal.GetLastWin32Error());
            view = NativeMethods.MapViewOfFile(mapping, NativeMethods.FILE_MAP_READ, 0, 0, UIntPtr.Zero);
            if (view == IntPtr.Zero)
                throw new Win32Exception(Marshal.GetLastWin32Error());

            Console.WriteLine(Marshal.PtrToStringUni(view));
            return 0;
        }
        catch (Win32Exception e)
        {
            Console.WriteLine("Could not open file mapping object ({0}).", e.NativeErrorCode);
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
