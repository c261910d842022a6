using Comms.Grains.Contracts;
using Comms.Media.Node.Streams;
using Comms.Media.Numbers;
using Comms.Signaling.Api;
using Comms.Signaling.Bridges;

namespace Comms.Signaling.Security;

/// <summary>Says to media who may play or publish a camera by RTSP: holders of stream tokens, within their account's places.</summary>
public sealed class StreamGuard(StreamTokens tokens, IDirectoryIndex directory, ICameraBridge cameras) : IStreamGuard
{
    public bool IsAllowed(string token, StreamUse use, string cameraId) =>
        tokens.TryVerify(token, out var grant) && grant.Use == use && grant.CameraId == cameraId && CallerOf(grant) is { } caller
        && CamerasApi.Find(caller, cameraId, directory) is not null;

    public IReadOnlyList<StreamPassword> PasswordsOf(string userName) =>
        [.. tokens.PasswordsOf(userName).Select(password => new StreamPassword(password, $"{userName}.{password}"))];

    public async Task<bool> AttachAsync(SessionId session, string token, string cameraId, bool wantsSub)
    {
        if (!tokens.TryVerify(token, out var grant) || CallerOf(grant) is not { } caller) return false;
        var view = await cameras.ViewAsync(session, cameraId, wantsSub ? CameraProfile.Sub : CameraProfile.Main, caller.ActorVia("rtsp"));
        return view.Outcome.IsOk;
    }

    private Caller? CallerOf(StreamGrant grant) => directory.FindAccount(grant.AccountId) is { } account ? new Caller(account) : null;
}
