namespace Comms.Media.Fanout;

/// <summary>What a frame of a voice channel carries between its parts.</summary>
public enum VoiceFrameKind
{
    /// <summary>One Opus packet for every browser.</summary>
    Opus,

    /// <summary>20 ms for plain-RTP legs: 160 A-law codes, then the same as 160 µ-law codes.</summary>
    Speech,

    /// <summary>A SIP talker's A-law codes on the way to the home part, which makes Opus of them.</summary>
    TalkALaw,

    /// <summary>The same in µ-law.</summary>
    TalkMuLaw,

    /// <summary>The Opus of the burst has ended: what waits to be merged goes out. No payload.</summary>
    End,

    /// <summary>A gate has opened: gateways key their transmitters. No payload.</summary>
    Begin,

    /// <summary>A SIP talker has stopped, told to the home part, which still has frames of it to play. No payload.</summary>
    TalkEnd,
}
