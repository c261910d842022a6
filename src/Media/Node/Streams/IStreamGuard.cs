using Comms.Media.Numbers;

namespace Comms.Media.Node.Streams;

/// <summary>What a stranger wants with a camera's stream.</summary>
public enum StreamUse
{
    /// <summary>To watch.</summary>
    View,

    /// <summary>To send pictures.</summary>
    Publish,
}

/// <summary>
/// Decides who may play or publish by RTSP; signaling implements it. Called on media loops, on the control path only: answers at once
/// and from memory.
/// </summary>
public interface IStreamGuard
{
    /// <summary>True when the token allows that use of that camera now.</summary>
    bool IsAllowed(string token, StreamUse use, string cameraId);

    /// <summary>
    /// The tokens that a digest's user name may stand for, each with the password that belongs to it; empty when it stands for none that
    /// is valid now.
    /// </summary>
    IReadOnlyList<StreamPassword> PasswordsOf(string userName);

    /// <summary>
    /// A player that was let in waits for the camera: it is to be attached as a viewer by <see cref="IMediaNode.ViewAsync"/>. False: it is
    /// refused. Its end is told as that of any session.
    /// </summary>
    Task<bool> AttachAsync(SessionId session, string token, string cameraId, bool wantsSub);
}

/// <summary>A password, and the whole token that it proves.</summary>
public sealed record StreamPassword(string Password, string Token)
{
    /// <summary>Never shows either.</summary>
    public override string ToString() => "StreamPassword";
}
