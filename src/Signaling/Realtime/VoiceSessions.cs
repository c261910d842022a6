using Comms.Media.Node;
using Comms.Signaling.Bridges;
using Comms.Signaling.WebRtc;

namespace Comms.Signaling.Realtime;

/// <summary>The voice session of a hub connection: one at a time, gone with the connection.</summary>
public sealed class VoiceSessions(PeerConnector peers, IMediaNode node, IFloorBridge floors, HubSessions sessions)
{
    /// <summary>Answers the offer; a former session of the connection is closed first.</summary>
    public async Task<VoiceAnswer> OpenAsync(HubSession session, string offer)
    {
        await CloseAsync(session);
        string owner = session.UnitId.Length > 0 ? session.UnitId : session.AccountId;
        PeerAnswer answer = await peers.OpenAsync(offer, OfferKind.Voice, owner);
        if (!answer.IsOk) return Refuse(answer);
        sessions.SetVoice(session, new VoiceState(answer.Session));
        if (sessions.Find(session.ConnectionId) is null) await CloseAsync(session);
        return new VoiceAnswer(answer.Sdp, $"{answer.Session}", "", "");
    }

    /// <summary>Leaves every channel, releases the floor and ends the media session; harmless without one.</summary>
    public async Task CloseAsync(HubSession session)
    {
        if (session.Voice is not { } voice) return;
        sessions.SetVoice(session, null);
        await floors.SessionEndedAsync(voice.Session);
        await node.CloseSessionAsync(voice.Session);
    }

    private static VoiceAnswer Refuse(PeerAnswer answer) => answer.Media switch
    {
        MediaRefusal.None => new VoiceAnswer("", "", "badOffer", HubWords.Of(answer.Offer)),
        MediaRefusal.Stopping => new VoiceAnswer("", "", "stopping", ""),
        _ => new VoiceAnswer("", "", "full", HubWords.Of(answer.Media)),
    };
}
