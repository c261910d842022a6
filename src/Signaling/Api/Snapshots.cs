using System.Collections.Concurrent;
using System.Security.Cryptography;
using Comms.Media.Io;
using Comms.Media.Node;

namespace Comms.Signaling.Api;

/// <summary>
/// Still pictures of live cameras from their cached key frames. A key frame is encoded once, however many ask; two are encoded at a
/// time, and a short queue waits. Thread-safe.
/// </summary>
public sealed class Snapshots(IMediaNode media, MediaOptions options, TimeProvider time) : IDisposable
{
    private const int AtOnce = 2;
    private const int MaxWaiting = 32;
    private const int MaxKept = 256;

    private readonly PictureEncoder _encoder = new(options.FfmpegPath);
    private readonly SemaphoreSlim _turns = new(AtOnce);
    private readonly ConcurrentDictionary<string, Snapshot> _newest = new(StringComparer.Ordinal);
    private int _waiting;

    /// <param name="feed">The feed's name in media.</param>
    /// <param name="knownTag">The entity tag that the caller has: the same picture is then not encoded again.</param>
    public async Task<SnapshotAnswer> TakeAsync(string feed, string knownTag, CancellationToken cancellation)
    {
        if (await media.CopyKeyFrameAsync(feed) is not { } frame) return new SnapshotAnswer(SnapshotRefusal.NotLive, null);
        string tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(frame.ByteStream).AsSpan(0, 12))}\"";
        DateTimeOffset taken = time.GetUtcNow().AddMilliseconds(-frame.AgeMs);
        if (_newest.TryGetValue(feed, out var known) && known.EntityTag == tag) return new SnapshotAnswer(SnapshotRefusal.None, known);
        if (tag == knownTag) return new SnapshotAnswer(SnapshotRefusal.None, new Snapshot([], tag, taken));
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return new SnapshotAnswer(SnapshotRefusal.Busy, null);
        }

        try
        {
            await _turns.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            if (_newest.TryGetValue(feed, out known) && known.EntityTag == tag) return new SnapshotAnswer(SnapshotRefusal.None, known);
            if (await _encoder.EncodeAsync(frame.ByteStream, frame.Codec, cancellation) is not { } jpeg) return new SnapshotAnswer(SnapshotRefusal.Undecodable, null);
            if (_newest.Count >= MaxKept) _newest.Clear();
            var made = _newest[feed] = new Snapshot(jpeg, tag, taken);
            return new SnapshotAnswer(SnapshotRefusal.None, made);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();
}

/// <summary>A JPEG, the quoted tag of the key frame that it is of, and when that arrived. No bytes: the caller has them.</summary>
public sealed record Snapshot(byte[] Jpeg, string EntityTag, DateTimeOffset TakenAt);

/// <summary>A still picture, or why there is none.</summary>
public sealed record SnapshotAnswer(SnapshotRefusal Refusal, Snapshot? Snapshot);

/// <summary>Why there is no still picture.</summary>
public enum SnapshotRefusal
{
    None,

    /// <summary>No key frame is cached: nobody watches the camera, or it is dark.</summary>
    NotLive,

    /// <summary>Too many wait for theirs.</summary>
    Busy,
    Undecodable,
}
