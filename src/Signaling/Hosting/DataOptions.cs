using System.ComponentModel.DataAnnotations;

namespace Comms.Signaling.Hosting;

/// <summary>Section "Data": where the server keeps what must survive it.</summary>
public sealed record DataOptions
{
    /// <summary>Folder of store, keys, certificates, logs and run state; made with mode 0700 when missing.</summary>
    [Required]
    public string Path { get; init; } = "data";
}
