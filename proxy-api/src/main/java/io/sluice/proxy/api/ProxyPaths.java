package io.sluice.proxy.api;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Paths of the proxy's admin API. */
public final class ProxyPaths {
    public static final String POOLS = "/v1/pools";
    public static final String ROUTES = "/v1/routes";
    public static final String ROUTING_JOURNAL = "/v1/routing/journal";
    public static final String ROUTING_EXPLAIN = "/v1/routing/explain";
    public static final String RELOAD = "/v1/reload";
    public static final String OPERATIONS = "/v1/operations";
    public static final String EVENTS = "/v1/events";
    public static final String ACCESS_LOG_REOPEN = "/v1/access-log/reopen";

    public static final String STATUS = "/v1/status";

    private ProxyPaths() {}

    public static String pool(String pool) {
        return POOLS + "/" + segment(pool);
    }

    public static String backend(String pool, String backend) {
        return pool(pool) + "/backends/" + segment(backend);
    }

    public static String hold(String pool, String backend, String hold) {
        return backend(pool, backend) + "/holds/" + segment(hold);
    }

    public static String probes(String pool, String backend) {
        return backend(pool, backend) + "/probes";
    }

    public static String operation(String id) {
        return OPERATIONS + "/" + segment(id);
    }

    private static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
