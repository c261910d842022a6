namespace Comms.Signaling.Tests.Sip;

/// <summary>
/// Torture messages as RFC 4475 publishes them in sections 3.1.1 (valid) and 3.1.2 (invalid) and 3.4, with what this server
/// does. A valid request that needs credentials gets 401: it was read whole. Long, non-ASCII and binary parts are built here as
/// the sections describe them.
/// </summary>
internal static class Rfc4475Syntax
{
    private const string Sdp = "v=0\no=mhandley 29739 7272939 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 49217 RTP/AVP 0 12\n"
        + "m=video 3227 RTP/AVP 31\na=rtpmap:31 LPC\n";

    public static readonly (string Name, string Section, int Status, string Text)[] Valid =
    [
        ("wsinv", "3.1.1.1", 481, """
            INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
            TO :
             sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
            from   : "J Rosenberg \\\""       <sip:jdrosen@example.com>
              ;
              tag = 98asjd8
            MaX-fOrWaRdS: 0068
            Call-ID: wsinv.ndaksdj@192.0.2.1
            Content-Length   : 150
            cseq: 0009
              INVITE
            Via  : SIP  /   2.0
             /UDP
                192.0.2.2;branch=390skdjuw
            s :
            NewFangledHeader:   newfangled value
             continued newfangled value
            UnknownHeaderWithUnusualValue: ;;,,;;,;
            Content-Type: application/sdp
            Route:
             <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
            v:  SIP  / 2.0  / TCP     spindle.example.com   ;
              branch  =   z9hG4bK9ikj8  ,
             SIP  /    2.0   / UDP  192.168.255.111   ; branch=
             z9hG4bK30239
            m:"Quoted string \"\"" <sip:jdrosen@example.com> ; newparam =
                  newvalue ;
              secondparam ; q = 0.33


            """ + Sdp),
        ("intmeth", "3.1.1.2", 501,
            "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\n"
            + "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\n"
            + "To: \"BEL:\\\u0007 NUL:\\\0 DEL:\\\u007f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\n"
            + "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\u00d1\u0080\u00d0\u00b0\u00d0\u00b1\";tag=_token~1'+`*%!-.\n"
            + "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\nCSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\n"
            + "Max-Forwards: 255\nextensionHeader-!.%*+_`'~: \u00ef\u00bb\u00bf\u00e5\u00a4\u00a7\u00e5\u0081\u009c\u00e9\u009b\u00bb\nContent-Length: 0\n\n"),
        ("esc01", "3.1.1.3", 401, """
            INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0
            To: sip:%75se%72@example.com
            From: <sip:I%20have%20spaces@example.net>;tag=938
            Max-Forwards: 87
            i: esc01.239409asdfakjkn23onasd0-3234
            CSeq: 234234 INVITE
            Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw
            C: application/sdp
            Contact:
              <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>
            Content-Length: 150


            """ + Sdp),
        ("escnull", "3.1.1.4", 401, """
            REGISTER sip:example.com SIP/2.0
            To: sip:null-%00-null@example.com
            From: sip:null-%00-null@example.com;tag=839923423
            Max-Forwards: 70
            Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd
            CSeq: 14398234 REGISTER
            Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw
            Contact: <sip:%00@host5.example.com>
            Contact: <sip:%00%00@host5.example.com>
            L:0


            """),
        ("esc02", "3.1.1.5", 501, """
            RE%47IST%45R sip:registrar.example.com SIP/2.0
            To: "%Z%45" <sip:resource@example.com>
            From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23
            Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf
            Via: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234
            CSeq: 29344 RE%47IST%45R
            Max-Forwards: 70
            Contact: <sip:alias1@host1.example.com>
            C%6Fntact: <sip:alias2@host2.example.com>
            Contact: <sip:alias3@host3.example.com>
            l: 0


            """),
        ("lwsdisp", "3.1.1.6", 200, """
            OPTIONS sip:user@example.com SIP/2.0
            To: sip:user@example.com
            From: caller<sip:caller@example.com>;tag=323
            Max-Forwards: 70
            Call-ID: lwsdisp.1234abcd@funky.example.com
            CSeq: 60 OPTIONS
            Via: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw
            l: 0


            """),
        ("longreq", "3.1.1.7", 401, LongRequest()),
        ("dblreq", "3.1.1.8", 401, """
            REGISTER sip:example.com SIP/2.0
            To: sip:j.user@example.com
            From: sip:j.user@example.com;tag=43251j3j324
            Max-Forwards: 8
            I: dblreq.0ha0isndaksdj99sdfafnl3lk233412
            Contact: sip:j.user@host.example.com
            CSeq: 8 REGISTER
            Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492
            Content-Length: 0


            INVITE sip:joe@example.com SIP/2.0
            t: sip:joe@example.com
            From: sip:caller@example.net;tag=141334
            Max-Forwards: 8
            Call-ID: dblreq.0ha0isnda977644900765@192.0.2.15
            CSeq: 8 INVITE
            Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw380234
            Content-Type: application/sdp
            Content-Length: 150


            """ + Sdp),
        ("semiuri", "3.1.1.9", 200, """
            OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0
            To: sip:j_user@example.com
            From: sip:caller@example.org;tag=33242
            Max-Forwards: 3
            Call-ID: semiuri.0ha0isndaksdj
            CSeq: 8 OPTIONS
            Accept: application/sdp, application/pkcs7-mime,
                    multipart/mixed, multipart/signed,
                    message/sip, message/sipfrag
            Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw
            l: 0


            """),
        ("transports", "3.1.1.10", 200, """
            OPTIONS sip:user@example.com SIP/2.0
            To: sip:user@example.com
            From: <sip:caller@example.com>;tag=323
            Max-Forwards: 70
            Call-ID:  transports.kijh4akdnaqjkwendsasfdj
            Accept: application/sdp
            CSeq: 60 OPTIONS
            Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
            Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
            Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
            Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
            Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
            l: 0


            """),
        ("mpart01", "3.1.1.11", 401, """
            MESSAGE sip:kumiko@example.org SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport
            Max-Forwards: 70
            Route: <sip:127.0.0.1:5080>
            Identity: r5mwreLuyDRYBi/0TiPwEsY3rEVsk/G2WxhgTV1PF7hHuLIK0YWVKZhKv9Mj8UeXqkMVbnVq37CD+813gvYjcBUaZngQmXc9WNZSDNGCzA==
            Identity-Info: <https://localhost:5060/cert>
            Contact: <sip:fluffy@127.0.0.1:5070>
            To: <sip:kumiko@example.org>
            From: <sip:fluffy@example.com>;tag=2fb0dcc9
            Call-ID: 3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..
            CSeq: 1 MESSAGE
            Content-Transfer-Encoding: binary
            Content-Type: multipart/mixed;boundary=7a9cbec02ceef655
            Date: Sat, 15 Oct 2005 04:44:56 GMT
            User-Agent: SIPimp.org/0.2.5 (curses)
            Content-Length: 325

            --7a9cbec02ceef655
            Content-Type: text/plain
            Content-Transfer-Encoding: binary

            Hello
            --7a9cbec02ceef655
            Content-Type: application/octet-stream
            Content-Transfer-Encoding: binary


            """ + string.Concat(Enumerable.Range(128, 128).Select(octet => (char)octet)) + "\n--7a9cbec02ceef655--"),
        ("unreason", "3.1.1.12", 0,
            "SIP/2.0 200 = 2**3 * 5**2 \u00d0\u00bd\u00d0\u00be \u00d1\u0081\u00d1\u0082\u00d0\u00be\n"
            + """
            Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
            Call-ID: unreason.1234ksdfak3j2erwedfsASdf
            CSeq: 35 INVITE
            From: sip:user@example.com;tag=11141343
            To: sip:user@example.edu;tag=2229
            Content-Length: 150
            Content-Type: application/sdp
            Contact: <sip:user@host198.example.com>


            """ + Sdp),
        ("noreason", "3.1.1.13", 0, "SIP/2.0 100 \n" + """
            Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
            Call-ID: noreason.asndj203insdf99223ndf
            CSeq: 35 INVITE
            From: <sip:user@example.com>;tag=39ansfi3
            To: <sip:user@example.edu>;tag=902jndnke3
            Content-Length: 0
            Contact: <sip:user@host105.example.com>


            """),
        ("inv2543", "3.4", 401, """
            INVITE sip:UserB@example.com SIP/2.0
            Via: SIP/2.0/UDP iftgw.example.com
            From: <sip:+13035551111@ift.client.example.net;user=phone>
            Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>
            To: sip:+16505552222@ss1.example.net;user=phone
            Call-ID: inv2543.1717@ift.client.example.com
            CSeq: 56 INVITE
            Content-Type: application/sdp


            """ + Sdp),
    ];

    public static readonly (string Name, string Section, int Status, string Text)[] Invalid =
    [
        ("badinv01", "3.1.2.1", 400, Request("INVITE sip:user@example.com SIP/2.0", "badinv01", "8 INVITE",
            "Via: SIP/2.0/UDP 192.0.2.15;;,;,,\nContact: \"Joe\" <sip:joe@example.org>;;;;\nContent-Type: application/sdp", via: "")),
        ("clerr", "3.1.2.2", 400, Request("INVITE sip:user@example.com SIP/2.0", "clerr", "8 INVITE",
            "Contact: <sip:caller@host5.example.net>\nContent-Type: application/sdp", length: "9999")),
        ("ncl", "3.1.2.3", 400, Request("INVITE sip:user@example.com SIP/2.0", "ncl", "8 INVITE",
            "Contact: <sip:caller@host5.example.net>\nContent-Type: application/sdp", length: "-999")),
        ("scalar02", "3.1.2.4", 400, """
            REGISTER sip:example.com SIP/2.0
            Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
            To: <sip:user@example.com>
            From: <sip:user@example.com>;tag=239232jh3
            CSeq: 36893488147419103232 REGISTER
            Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
            Max-Forwards: 300
            Expires: 10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
            Contact: <sip:user@host129.example.com>
              ;expires=280297596632815
            Content-Length: 0


            """),
        ("scalarlg", "3.1.2.5", 0, """
            SIP/2.0 503 Service Unavailable
            Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
            To: <sip:user@example.com>
            From: <sip:other@example.net>;tag=2easdjfejw
            CSeq: 9292394834772304023312 OPTIONS
            Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
            Retry-After: 949302838503028349304023988
            Warning: 1812 overture "In Progress"
            Content-Length: 0


            """),
        ("quotbal", "3.1.2.6", 400, Request("INVITE sip:user@example.com SIP/2.0", "quotbal", "8 INVITE",
            "Contact: <sip:caller@host59.example.net>\nContent-Type: application/sdp", to: "\"Mr. J. User <sip:j.user@example.com>")),
        ("ltgtruri", "3.1.2.7", 400, Request("INVITE <sip:user@example.com> SIP/2.0", "ltgtruri", "1 INVITE",
            "Contact: <sip:caller@host5.example.net>\nContent-Type: application/sdp")),
        ("lwsruri", "3.1.2.8", 400, Request("INVITE sip:user@example.com; lr SIP/2.0", "lwsruri", "2130706432 INVITE",
            "Contact: <sip:caller@host1.example.net>\nContent-Type: application/sdp")),
        ("lwsstart", "3.1.2.9", 400, Request("INVITE  sip:user@example.com  SIP/2.0", "lwsstart", "1893884 INVITE",
            "Contact: <sip:caller@host1.example.net>\nContent-Type: application/sdp")),
        ("trws", "3.1.2.10", 400, Request("OPTIONS sip:remote-target@example.com SIP/2.0  ", "trws", "238923 OPTIONS", "")),
        ("escruri", "3.1.2.11", 400, Request("INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0", "escruri", "149209342 INVITE",
            "Contact: <sip:caller@host5.example.net>\nContent-Type: application/sdp")),
        ("baddate", "3.1.2.12", 401, Request("INVITE sip:user@example.com SIP/2.0", "baddate", "1392934 INVITE",
            "Date: Fri, 01 Jan 2010 16:00:00 EST\nContact: <sip:caller@host5.example.net>\nContent-Type: application/sdp")),
        ("badaspec", "3.1.2.14", 400, Request("OPTIONS sip:user@example.org SIP/2.0", "badaspec", "3923239 OPTIONS", "", to: "\"Watson, Thomas\" < t.watson@example.org >")),
        ("baddn", "3.1.2.15", 400, Request("OPTIONS sip:t.watson@example.org SIP/2.0", "baddn", "3923239 OPTIONS", "",
            from: "Bell, Alexander <sip:a.g.bell@example.com>;tag=43")),
        ("badvers", "3.1.2.16", 505, Request("OPTIONS sip:t.watson@example.org SIP/7.0", "badvers", "1 OPTIONS", "")),
        ("mismatch01", "3.1.2.17", 400, Request("OPTIONS sip:user@example.com SIP/2.0", "mismatch01", "8 INVITE", "")),
        ("mismatch02", "3.1.2.18", 400, Request("NEWMETHOD sip:user@example.com SIP/2.0", "mismatch02", "8 INVITE", "Contact: <sip:caller@host1.example.net>\nContent-Type: application/sdp")),
        ("bigcode", "3.1.2.19", 0, """
            SIP/2.0 4294967301 better not break the receiver
            Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
            Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i
            CSeq: 353494 INVITE
            From: <sip:user@example.com>;tag=39ansfi3
            To: <sip:user@example.edu>;tag=902jndnke3
            Content-Length: 0
            Contact: <sip:user@host105.example.com>


            """),
    ];

    private static string Request(
        string line, string name, string cseq, string extra, string to = "sip:j.user@example.com", string from = "sip:caller@example.net;tag=134161461246",
        string? length = null, string via = "Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bK-torture")
    {
        var body = extra.Contains("application/sdp", StringComparison.Ordinal) ? Sdp : "";
        string[] lines =
        [
            line, $"To: {to}", $"From: {from}", "Max-Forwards: 7", $"Call-ID: {name}.0ha0isndaksdj2193423r542w35", $"CSeq: {cseq}", via, extra,
            $"Content-Length: {length ?? (body.Length > 0 ? "150" : "0")}",
        ];
        return string.Join('\n', lines.Where(one => one.Length > 0)) + "\n\n" + body;
    }

    private static string LongRequest()
    {
        static string Many(string word, int count) => string.Concat(Enumerable.Repeat(word, count));
        var vias = string.Concat(Enumerable.Range(0, 34).Select(hop => $"{(hop % 3 == 1 ? "v" : "Via")}: SIP/2.0/TCP sip{33 - hop}.example.com\n"));
        return $"""
            INVITE sip:user@example.com SIP/2.0
            To: "I have a user name of {Many("extreme", 10)} proportion"<sip:user@example.com:6000;unknownparam1=very{Many("long", 20)}value;longparam{Many("name", 25)}=shortvalue;very{Many("long", 25)}ParameterNameWithNoValue>
            F: sip:{Many("amazinglylongcallername", 5)}@example.net;tag=12{Many("982", 50)}424;unknownheaderparam{Many("name", 20)}=unknowheaderparam{Many("value", 15)};unknownValueless{Many("paramname", 10)}
            Call-ID: longreq.one{Many("really", 20)}longcallid
            CSeq: 3882340 INVITE
            Unknown-{Many("Long", 20)}-Name: unknown-{Many("long", 20)}-value; unknown-{Many("long", 20)}-parameter-name = unknown-{Many("long", 20)}-parameter-value

            """ + vias + $"""
            V: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch=very{Many("long", 50)}branchvalue
            Max-Forwards: 70
            Contact: <sip:{Many("amazinglylongcallername", 5)}@host5.example.net>
            Content-Type: application/sdp
            l: 150


            """ + Sdp;
    }
}
