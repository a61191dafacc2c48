package io.sluice.nginx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Every directive that the importer has an opinion about. {@code docs/from-nginx.md} lists the same names; a test compares them. */
final class KnownDirectives {
    /** What becomes of a directive. */
    enum Support {
        /** Carried over where it may stand; elsewhere it is left out. */
        MAPPED,
        /** Carried over to the routes for which it holds; without any it means nothing. */
        INHERITED,
        /** The proxy does without. */
        NEEDLESS,
        /** There is nothing like it. */
        MISSING
    }

    /** What is known of one. */
    record Known(Support support, String remark) {}

    private static final Map<String, Known> ALL = new HashMap<>();

    static {
        structure();
        inherited();
        needlessProcess();
        needlessHttp();
        missing();
    }

    private KnownDirectives() {}

    static @Nullable Known find(String name) {
        return ALL.get(name);
    }

    static Set<String> names() {
        return new TreeSet<>(ALL.keySet());
    }

    private static void add(Support support, String remark, String... names) {
        List.of(names).forEach(name -> ALL.put(name, new Known(support, remark)));
    }

    private static void structure() {
        add(
                Support.MAPPED,
                "",
                "http",
                "upstream",
                "listen",
                "server_name",
                "include",
                "queue",
                "check",
                "health_check");
        add(
                Support.MAPPED,
                "",
                "proxy_pass",
                "return",
                "alias",
                "limit_except",
                "limit_req_zone",
                "ssl",
                "worker_shutdown_timeout");
        add(Support.MAPPED, "", "least_conn", "ip_hash", "hash", "random", "sticky", "keepalive", "internal");
        add(Support.MAPPED, "its requests end up elsewhere, or nothing leads there", "server", "location");
        add(Support.MAPPED, "variables are known where a map says what an upgrade needs, and nowhere else", "map");
        add(
                Support.MAPPED,
                "variables can be put in where they stand for one plain text; here nothing takes it",
                "set");
        add(
                Support.MAPPED,
                "on its way to a backend only the beginning of a path is replaced, and redirects take only what docs/from-nginx.md shows",
                "rewrite");
        add(
                Support.MAPPED,
                "conditions are not carried over, but for redirects by scheme and host: what it refused or changed now passes as the rest of its block says",
                "if");
        add(Support.MISSING, "nothing measures response times; least-connections is the nearest", "least_time");
    }

    private static void inherited() {
        add(
                Support.INHERITED,
                "",
                "proxy_set_header",
                "add_header",
                "proxy_hide_header",
                "proxy_connect_timeout",
                "proxy_send_timeout");
        add(
                Support.INHERITED,
                "",
                "proxy_read_timeout",
                "proxy_next_upstream",
                "proxy_next_upstream_tries",
                "proxy_next_upstream_timeout");
        add(
                Support.INHERITED,
                "",
                "client_max_body_size",
                "client_body_timeout",
                "client_header_timeout",
                "send_timeout");
        add(Support.INHERITED, "", "keepalive_timeout", "large_client_header_buffers", "limit_req", "limit_req_status");
        add(
                Support.INHERITED,
                "",
                "limit_req_dry_run",
                "limit_conn",
                "limit_conn_zone",
                "gzip",
                "gzip_types",
                "gzip_min_length");
        add(Support.INHERITED, "", "brotli", "brotli_types", "brotli_min_length", "brotli_comp_level");
        add(Support.INHERITED, "", "zstd", "zstd_types", "zstd_min_length", "zstd_comp_level");
        add(
                Support.INHERITED,
                "",
                "gzip_comp_level",
                "root",
                "index",
                "expires",
                "try_files",
                "autoindex",
                "access_log",
                "log_format");
        add(
                Support.INHERITED,
                "",
                "ssl_certificate",
                "ssl_certificate_key",
                "ssl_protocols",
                "ssl_ciphers",
                "ssl_verify_client");
        add(
                Support.INHERITED,
                "",
                "ssl_client_certificate",
                "http2",
                "set_real_ip_from",
                "real_ip_header",
                "real_ip_recursive");
        add(Support.INHERITED, "", "allow", "deny", "default_type", "proxy_buffering", "proxy_http_version");
        add(
                Support.INHERITED,
                "",
                "proxy_ssl_verify",
                "proxy_ssl_trusted_certificate",
                "proxy_ssl_name",
                "proxy_ssl_server_name");
        add(Support.INHERITED, "", "proxy_ssl_certificate", "proxy_ssl_certificate_key");
        add(Support.INHERITED, "", "check_http_send", "check_http_expect_alive");
    }

    private static void needlessProcess() {
        String process = "of the process: threads, files and memory are the JVM's";
        add(
                Support.NEEDLESS,
                process,
                "user",
                "worker_processes",
                "worker_connections",
                "worker_rlimit_nofile",
                "worker_priority");
        add(
                Support.NEEDLESS,
                process,
                "worker_cpu_affinity",
                "worker_aio_requests",
                "worker_rlimit_core",
                "working_directory",
                "events");
        add(
                Support.NEEDLESS,
                process,
                "pid",
                "daemon",
                "master_process",
                "lock_file",
                "timer_resolution",
                "pcre_jit",
                "thread_pool");
        add(
                Support.NEEDLESS,
                process,
                "multi_accept",
                "use",
                "accept_mutex",
                "accept_mutex_delay",
                "env",
                "load_module",
                "debug_points");
        add(
                Support.NEEDLESS,
                "see log in config/proxy.yaml",
                "error_log",
                "log_not_found",
                "log_subrequest",
                "rewrite_log");
        String io = "how files and sockets are read and written is not to be chosen";
        add(
                Support.NEEDLESS,
                io,
                "sendfile",
                "sendfile_max_chunk",
                "tcp_nopush",
                "tcp_nodelay",
                "aio",
                "aio_write",
                "directio");
        add(
                Support.NEEDLESS,
                io,
                "directio_alignment",
                "output_buffers",
                "postpone_output",
                "read_ahead",
                "open_file_cache");
        add(
                Support.NEEDLESS,
                io,
                "open_file_cache_valid",
                "open_file_cache_min_uses",
                "open_file_cache_errors",
                "open_log_file_cache");
        add(
                Support.NEEDLESS,
                io,
                "request_pool_size",
                "connection_pool_size",
                "lingering_close",
                "lingering_time",
                "lingering_timeout");
        add(Support.NEEDLESS, io, "reset_timedout_connection");
    }

    private static void needlessHttp() {
        String tables = "tables grow as they have to";
        add(
                Support.NEEDLESS,
                tables,
                "server_names_hash_bucket_size",
                "server_names_hash_max_size",
                "types_hash_max_size");
        add(
                Support.NEEDLESS,
                tables,
                "types_hash_bucket_size",
                "variables_hash_max_size",
                "variables_hash_bucket_size");
        add(Support.NEEDLESS, tables, "map_hash_max_size", "map_hash_bucket_size", "proxy_headers_hash_max_size");
        add(Support.NEEDLESS, tables, "proxy_headers_hash_bucket_size", "zone");
        String streamed =
                "bodies are streamed both ways with back-pressure and never written to a disk, so there is nothing to size";
        add(
                Support.NEEDLESS,
                streamed,
                "proxy_buffers",
                "proxy_buffer_size",
                "proxy_busy_buffers_size",
                "proxy_max_temp_file_size");
        add(Support.NEEDLESS, streamed, "proxy_temp_path", "proxy_temp_file_write_size", "client_body_buffer_size");
        add(
                Support.NEEDLESS,
                streamed,
                "client_body_temp_path",
                "client_header_buffer_size",
                "gzip_buffers",
                "ssl_buffer_size",
                "brotli_buffers",
                "brotli_window",
                "zstd_buffers");
        add(Support.NEEDLESS, streamed, "client_body_in_single_buffer", "proxy_request_buffering");
        add(Support.NEEDLESS, "it says nothing of itself but Via", "server_tokens");
        add(Support.NEEDLESS, "Vary is there wherever something is compressed", "gzip_vary");
        add(
                Support.NEEDLESS,
                "compressed for whoever accepts it, proxies too, but never for HTTP/1.0",
                "gzip_proxied",
                "gzip_http_version",
                "gzip_disable");
        add(
                Support.NEEDLESS,
                "no limit, and none is needed: memory of a request is freed with it",
                "keepalive_requests",
                "keepalive_time",
                "keepalive_disable");
        add(
                Support.NEEDLESS,
                "sessions are resumed by TLS 1.3 tickets, as Java does it",
                "ssl_session_cache",
                "ssl_session_timeout",
                "ssl_session_tickets");
        add(
                Support.NEEDLESS,
                "key agreement is ECDHE with Java's curves, in the proxy's order of ciphers",
                "ssl_dhparam",
                "ssl_ecdh_curve",
                "ssl_prefer_server_ciphers");
        add(Support.NEEDLESS, "early data is not taken", "ssl_early_data");
        add(
                Support.NEEDLESS,
                "names are looked up by the system whenever a connection is opened",
                "resolver",
                "resolver_timeout");
        add(Support.NEEDLESS, "types of files are known", "types", "charset_types");
        add(
                Support.NEEDLESS,
                "what backends say is passed on, and X-Accel fields mean nothing",
                "proxy_pass_header",
                "proxy_ignore_headers");
        add(
                Support.NEEDLESS,
                "what is malformed is refused with 400, and slashes are merged only to find the route",
                "ignore_invalid_headers",
                "merge_slashes");
        add(
                Support.NEEDLESS,
                "Location is passed on as the backend wrote it, to whom the client's host is shown",
                "proxy_redirect");
        add(
                Support.NEEDLESS,
                "redirects go to the host that was asked for",
                "absolute_redirect",
                "port_in_redirect",
                "server_name_in_redirect");
        add(
                Support.NEEDLESS,
                "refusals are in the metrics, and in the access log with a reason",
                "limit_req_log_level",
                "limit_conn_log_level",
                "limit_conn_status");
        add(
                Support.NEEDLESS,
                "only with a check that is left out, or with pages that are",
                "auth_basic_user_file",
                "auth_request_set",
                "satisfy",
                "recursive_error_pages",
                "auth_delay");
        add(
                Support.NEEDLESS,
                "limits against floods of HTTP/2 are fixed",
                "http2_max_concurrent_streams",
                "http2_recv_buffer_size",
                "http2_max_field_size",
                "http2_max_header_size",
                "http2_idle_timeout",
                "http2_max_requests",
                "http2_chunk_size",
                "http2_body_preread_size");
        add(Support.NEEDLESS, "browsers that need it are gone", "msie_padding", "msie_refresh");
        add(
                Support.NEEDLESS,
                "files have an ETag, and If-Modified-Since is exact or older",
                "etag",
                "if_modified_since");
        add(Support.NEEDLESS, "links may lead to what lies below the root, never out of it", "disable_symlinks");
    }

    private static void missing() {
        String checks = "the proxy does not check who somebody is: where such a check holds, everybody gets 403";
        add(Support.MISSING, checks, "auth_basic", "auth_request", "auth_jwt", "auth_oidc", "secure_link");
        String cache = "there is no response cache; a route with files, or a cache behind the proxy";
        add(
                Support.MISSING,
                cache,
                "proxy_cache",
                "proxy_cache_path",
                "proxy_cache_valid",
                "proxy_cache_key",
                "proxy_cache_bypass");
        add(
                Support.MISSING,
                cache,
                "proxy_no_cache",
                "proxy_cache_use_stale",
                "proxy_cache_lock",
                "proxy_cache_methods",
                "proxy_store");
        add(
                Support.MISSING,
                cache,
                "proxy_cache_min_uses",
                "proxy_cache_background_update",
                "proxy_cache_revalidate",
                "proxy_cache_lock_timeout",
                "slice");
        add(
                Support.MISSING,
                "errors of the proxy are problem documents, those of backends are passed on; a pool of last resort is a route's fallback",
                "error_page",
                "proxy_intercept_errors");
        add(
                Support.MISSING,
                "of TLS to backends nothing else can be chosen",
                "proxy_ssl_protocols",
                "proxy_ssl_ciphers",
                "proxy_ssl_session_reuse",
                "proxy_ssl_verify_depth",
                "proxy_ssl_crl",
                "proxy_ssl_password_file",
                "proxy_ssl_conf_command");
        add(
                Support.MISSING,
                "no stapling, no lists of revoked certificates, no passwords of keys: take these to what stands before the proxy, or decrypt the key",
                "ssl_stapling",
                "ssl_stapling_verify",
                "ssl_stapling_file",
                "ssl_trusted_certificate",
                "ssl_crl",
                "ssl_password_file",
                "ssl_verify_depth",
                "ssl_reject_handshake",
                "ssl_conf_command",
                "ssl_ocsp");
        add(Support.MISSING, "HTTP/3 is not spoken", "http3", "quic_retry", "quic_gso", "ssl_quic");
        String cookies = "cookies of backends are passed on as they are";
        add(Support.MISSING, cookies, "proxy_cookie_path", "proxy_cookie_domain", "proxy_cookie_flags");
        add(
                Support.MISSING,
                "requests are passed on as they are",
                "proxy_method",
                "proxy_set_body",
                "proxy_pass_request_body",
                "proxy_pass_request_headers");
        add(
                Support.MISSING,
                "the system chooses the address that backends see",
                "proxy_bind",
                "proxy_socket_keepalive",
                "proxy_send_lowat");
        add(Support.MISSING, "when a client leaves, its request to the backend ends", "proxy_ignore_client_abort");
        add(
                Support.MISSING,
                "no rate of bytes; slow bodies: listener.min-body-rate",
                "limit_rate",
                "limit_rate_after",
                "proxy_limit_rate");
        add(
                Support.MISSING,
                "the proxy speaks HTTP to backends and gives files, nothing else",
                "fastcgi_pass",
                "uwsgi_pass",
                "scgi_pass",
                "grpc_pass",
                "memcached_pass");
        add(
                Support.MISSING,
                "it belongs to a kind of backend that is not spoken to",
                "fastcgi_param",
                "fastcgi_index",
                "fastcgi_split_path_info",
                "fastcgi_read_timeout",
                "fastcgi_buffers",
                "fastcgi_buffer_size",
                "fastcgi_cache",
                "uwsgi_param",
                "grpc_set_header",
                "grpc_read_timeout");
        add(
                Support.MISSING,
                "figures are at /metrics of the admin port",
                "stub_status",
                "vhost_traffic_status",
                "status_zone");
        add(
                Support.MISSING,
                "bodies of responses are not changed",
                "sub_filter",
                "sub_filter_once",
                "sub_filter_types",
                "add_before_body",
                "add_after_body",
                "ssi",
                "charset",
                "image_filter",
                "addition_types",
                "add_trailer");
        add(
                Support.MISSING,
                "what is compressed is so while it is sent, and never unpacked",
                "gzip_static",
                "gunzip",
                "brotli_static",
                "zstd_static");
        add(
                Support.MISSING,
                "no variables are computed; shares of traffic follow weights",
                "geo",
                "split_clients",
                "geoip_country",
                "geoip2",
                "userid",
                "valid_referers");
        add(Support.MISSING, "no requests besides the client's own", "mirror", "mirror_request_body", "post_action");
        add(
                Support.MISSING,
                "no language runs in the proxy",
                "content_by_lua_block",
                "access_by_lua_block",
                "rewrite_by_lua_block",
                "header_filter_by_lua_block",
                "body_filter_by_lua_block",
                "log_by_lua_block",
                "set_by_lua_block",
                "init_by_lua_block",
                "content_by_lua_file",
                "access_by_lua_file",
                "lua_package_path",
                "lua_shared_dict",
                "js_import",
                "js_content",
                "perl");
        add(Support.MISSING, "HTTP only", "stream", "mail");
        add(
                Support.MISSING,
                "there is nothing like it",
                "dav_methods",
                "empty_gif",
                "mp4",
                "flv",
                "random_index",
                "api",
                "state",
                "resolve",
                "ntlm",
                "match",
                "underscores_in_headers",
                "chunked_transfer_encoding",
                "client_body_in_file_only",
                "autoindex_format",
                "autoindex_exact_size",
                "autoindex_localtime",
                "max_ranges",
                "override_charset",
                "break",
                "early_hints",
                "modsecurity",
                "modsecurity_rules_file",
                "auth_http",
                "secure_link_md5");
    }
}
