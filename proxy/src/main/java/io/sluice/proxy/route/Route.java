package io.sluice.proxy.route;

/** A route in the form that the traffic path reads: plain fields, durations in nanoseconds. */
public final class Route {
    private final int index;
    private final RouteSettings settings;
    private final String[] deliveryIdHeaders;
    private final String[] methods;
    private final long queueNanos;
    private final long connectNanos;
    private final long sendNanos;
    private final long headNanos;
    private final long idleNanos;
    private final long totalNanos;

    Route(int index, RouteSettings settings) {
        this.index = index;
        this.settings = settings;
        this.deliveryIdHeaders = settings.retry().deliveryIdHeaders().toArray(String[]::new);
        this.methods = settings.rules().methods().toArray(String[]::new);
        RouteTimeouts timeouts = settings.timeouts();
        this.queueNanos = timeouts.queue().toNanos();
        this.connectNanos = timeouts.connect().toNanos();
        this.sendNanos = timeouts.send().toNanos();
        this.headNanos = timeouts.head().toNanos();
        this.idleNanos = timeouts.idle().toNanos();
        this.totalNanos = timeouts.total().toNanos();
    }

    /** Position in its table, for arrays of per-route state. */
    public int index() {
        return index;
    }

    public String name() {
        return settings.name();
    }

    public String pool() {
        return settings.pool();
    }

    public RouteSettings settings() {
        return settings;
    }

    public RetrySettings retry() {
        return settings.retry();
    }

    public int deliveryIdHeaderCount() {
        return deliveryIdHeaders.length;
    }

    public String deliveryIdHeader(int i) {
        return deliveryIdHeaders[i];
    }

    public long queueNanos() {
        return queueNanos;
    }

    public long connectNanos() {
        return connectNanos;
    }

    public long sendNanos() {
        return sendNanos;
    }

    public long headNanos() {
        return headNanos;
    }

    public long idleNanos() {
        return idleNanos;
    }

    public long totalNanos() {
        return totalNanos;
    }

    public RouteRules rules() {
        return settings.rules();
    }

    /** Whether backends are asked for another path than the client asked for. */
    public boolean rewrites() {
        return rules().replacePrefix() != null;
    }

    /** What the backend is asked for where the client asked for {@code path}, in normal form, which this route matches. */
    public String rewritten(String path) {
        String replacement = rules().replacePrefix();
        if (replacement == null) {
            return path;
        }
        if (settings.pathMatch() == PathMatch.EXACT) {
            return replacement;
        }
        // Between slashes, so that neither two meet nor none is left, however both are written.
        String rest = path.substring(withoutLastSlash(settings.path()).length());
        return rest.isEmpty() ? replacement : withoutLastSlash(replacement) + rest;
    }

    private static String withoutLastSlash(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** Whether it is for this method. */
    boolean admits(String method) {
        for (String mine : methods) {
            if (mine.equals(method)) {
                return true;
            }
        }
        return methods.length == 0;
    }

    /** Whether both match the same hosts and paths. */
    boolean isAtSamePlace(Route other) {
        return settings.pathMatch() == other.settings.pathMatch()
                && rules().scheme().equals(other.rules().scheme())
                && settings.path().equals(other.settings.path())
                && settings.host().equals(other.settings.host());
    }

    boolean matches(String scheme, String host, String path) {
        return matchesPath(path) && matchesHost(host) && matchesScheme(scheme);
    }

    /** What speaks against it for such a request, for people; empty when nothing does. */
    public String against(String method, String scheme, String host, String path) {
        if (!matchesPath(path)) {
            return "path: " + path + " is not " + (settings.pathMatch() == PathMatch.EXACT ? "" : "under ")
                    + settings.path();
        }
        if (!matchesHost(host)) {
            return "host: " + host + " is not " + settings.host();
        }
        if (!matchesScheme(scheme)) {
            return "scheme: " + scheme + " is not " + rules().scheme();
        }
        return admits(method) ? "" : "method: " + method + " is none of " + String.join(", ", methods);
    }

    private boolean matchesScheme(String scheme) {
        String mine = settings.rules().scheme();
        return mine.isEmpty() || mine.equals(scheme);
    }

    private boolean matchesHost(String host) {
        String mine = settings.host();
        if (mine.isEmpty()) {
            return true;
        }
        if (!mine.startsWith("*.")) {
            return mine.equalsIgnoreCase(host);
        }
        int suffix = mine.length() - 1;
        return host.length() > suffix && host.regionMatches(true, host.length() - suffix, mine, 1, suffix);
    }

    private boolean matchesPath(String path) {
        String mine = settings.path();
        if (settings.pathMatch() == PathMatch.EXACT) {
            return path.equals(mine);
        }
        return path.startsWith(mine)
                && (mine.endsWith("/") || path.length() == mine.length() || path.charAt(mine.length()) == '/');
    }

    @Override
    public String toString() {
        return "route " + name();
    }
}
