using Comms.Support;

namespace Comms.Bench.Load;

/// <summary>
/// Debian's kamailio as a registrar beside ours: digest with nonce counts, contacts in memory, as many workers as the machine
/// has processors. It keeps nothing over a restart and reads no account from anywhere: one password fits all.
/// </summary>
internal static class Kamailio
{
    public static Task<KamailioProcess> StartAsync(string password) => KamailioProcess.StartAsync(Environment.ProcessorCount, Registrar(password));

    public static double CpuSeconds(KamailioProcess kamailio) => kamailio.ProcessIds.Sum(id => ProcessFigures.Read(id).CpuSeconds);

    private static string Registrar(string password) => $$"""
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "pv.so"
        loadmodule "maxfwd.so"
        loadmodule "textops.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "auth.so"
        modparam("usrloc", "db_mode", 0)
        modparam("usrloc", "hash_size", 14)
        modparam("auth", "nonce_count", 1)
        modparam("auth", "qop", "auth")
        modparam("auth", "nonce_expire", 300)
        modparam("auth", "nc_array_size", 1048576)
        modparam("auth", "nc_array_order", 20)
        request_route {
          if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
          if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }
          if (!pv_www_authenticate("comms", "{{password}}", "0")) { www_challenge("comms", "1"); exit; }
          if (!save("location")) { sl_reply_error(); }
          exit;
        }
        """;
}
