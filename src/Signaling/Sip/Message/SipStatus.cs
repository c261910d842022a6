namespace Comms.Signaling.Sip.Message;

/// <summary>Status codes this server sends or looks for, with their phrases. RFC 3261 §21.</summary>
public static class SipStatus
{
    public const int Trying = 100;
    public const int Ringing = 180;
    public const int SessionProgress = 183;
    public const int Ok = 200;
    public const int Accepted = 202;
    public const int BadRequest = 400;
    public const int Unauthorized = 401;
    public const int Forbidden = 403;
    public const int NotFound = 404;
    public const int MethodNotAllowed = 405;
    public const int NotAcceptable = 406;
    public const int ProxyAuthenticationRequired = 407;
    public const int RequestTimeout = 408;
    public const int EntityTooLarge = 413;
    public const int UnsupportedMediaType = 415;
    public const int UnsupportedUriScheme = 416;
    public const int UnknownResourcePriority = 417;
    public const int BadExtension = 420;
    public const int SessionIntervalTooSmall = 422;
    public const int IntervalTooBrief = 423;
    public const int CallDoesNotExist = 481;
    public const int LoopDetected = 482;
    public const int TemporarilyUnavailable = 480;
    public const int BusyHere = 486;
    public const int RequestTerminated = 487;
    public const int NotAcceptableHere = 488;
    public const int RequestPending = 491;
    public const int ServerInternalError = 500;
    public const int NotImplemented = 501;
    public const int ServerTimeout = 504;
    public const int ServiceUnavailable = 503;
    public const int VersionNotSupported = 505;
    public const int Decline = 603;

    public static string Phrase(int status) => status switch
    {
        Trying => "Trying",
        Ringing => "Ringing",
        SessionProgress => "Session Progress",
        Ok => "OK",
        Accepted => "Accepted",
        BadRequest => "Bad Request",
        Unauthorized => "Unauthorized",
        Forbidden => "Forbidden",
        NotFound => "Not Found",
        MethodNotAllowed => "Method Not Allowed",
        NotAcceptable => "Not Acceptable",
        ProxyAuthenticationRequired => "Proxy Authentication Required",
        RequestTimeout => "Request Timeout",
        EntityTooLarge => "Request Entity Too Large",
        UnsupportedMediaType => "Unsupported Media Type",
        UnsupportedUriScheme => "Unsupported URI Scheme",
        UnknownResourcePriority => "Unknown Resource-Priority",
        BadExtension => "Bad Extension",
        SessionIntervalTooSmall => "Session Interval Too Small",
        IntervalTooBrief => "Interval Too Brief",
        CallDoesNotExist => "Call/Transaction Does Not Exist",
        LoopDetected => "Loop Detected",
        TemporarilyUnavailable => "Temporarily Unavailable",
        BusyHere => "Busy Here",
        RequestTerminated => "Request Terminated",
        NotAcceptableHere => "Not Acceptable Here",
        RequestPending => "Request Pending",
        ServerInternalError => "Server Internal Error",
        NotImplemented => "Not Implemented",
        ServiceUnavailable => "Service Unavailable",
        VersionNotSupported => "Version Not Supported",
        ServerTimeout => "Server Time-out",
        Decline => "Decline",
        _ => status switch
        {
            < 200 => "Progress",
            < 300 => "Success",
            < 400 => "Redirection",
            < 500 => "Client Error",
            < 600 => "Server Error",
            _ => "Global Failure",
        },
    };
}
