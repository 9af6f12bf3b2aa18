namespace SegmentEngine.Server.Dashboard.Data;

/// <summary>Files on their way in: beside the database, only its owner's to read, and gone when the import is.</summary>
internal static class Uploads
{
    public const string RefusedEnding = ".refused.csv";

    public static string New(string database) => $"{database}.upload-{Guid.NewGuid():N}";

    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read | FileShare.Delete, BufferSize = 1 << 16, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new(path, options);
    }

    public static void Remove(string path)
    {
        File.Delete(path);
        File.Delete(path + RefusedEnding);
    }

    /// <summary>What a server that was killed left behind.</summary>
    public static void RemoveAll(string database)
    {
        var full = Path.GetFullPath(database);
        foreach (var left in Directory.Exists(Path.GetDirectoryName(full)) ? Directory.EnumerateFiles(Path.GetDirectoryName(full)!, $"{Path.GetFileName(full)}.upload-*") : [])
        {
            File.Delete(left);
        }
    }
}
