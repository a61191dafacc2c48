package io.sluice.service.admin;

import io.sluice.service.problem.Problem;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests that a hostile web page makes a browser on this machine send. A page can point its own name at our address (DNS
 * rebinding), but then that name is in {@code Host}; and it cannot keep the browser from naming it in {@code Origin}.
 */
public final class HostCheckHandler implements Handler<RoutingContext> {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

    private final Set<String> allowed = new HashSet<>(LOOPBACK);

    /** Lets through loopback's names, {@code host}, {@code allowedHosts}, and the address on which the request came in; ports do not matter. */
    public HostCheckHandler(String host, Collection<String> allowedHosts) {
        allowed.add(normal(host));
        allowedHosts.forEach(name -> allowed.add(normal(name)));
    }

    @Override
    public void handle(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        HostAndPort authority = request.authority();
        if (authority == null || request.headers().getAll(HttpHeaders.HOST).size() > 1) {
            throw refusal("invalid-host", 400, "the request needs exactly one valid Host");
        }
        if (!isAllowed(request, authority.host())) {
            throw refusal("host-not-allowed", 403, "this name is not one of the server's (setting: allowed-hosts)");
        }
        List<String> origins = request.headers().getAll(HttpHeaders.ORIGIN);
        if (!origins.isEmpty() && (origins.size() > 1 || !isSame(origins.get(0), authority))) {
            throw refusal("origin-not-allowed", 403, "requests from other web pages are refused");
        }
        ctx.next();
    }

    private boolean isAllowed(HttpServerRequest request, String host) {
        String name = normal(host);
        return allowed.contains(name)
                || (request.localAddress() != null
                        && name.equals(
                                normal(String.valueOf(request.localAddress().hostAddress()))));
    }

    private static boolean isSame(String origin, HostAndPort authority) {
        try {
            URI uri = new URI(origin);
            String host = uri.getHost();
            return host != null
                    && normal(host).equals(normal(authority.host()))
                    && port(uri.getPort(), uri.getScheme()) == port(authority.port(), uri.getScheme());
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static int port(int given, @Nullable String scheme) {
        if (given > 0) {
            return given;
        }
        return "https".equals(scheme) ? 443 : 80;
    }

    private static String normal(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.startsWith("[") && name.endsWith("]")) {
            name = name.substring(1, name.length() - 1);
        }
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static RuntimeException refusal(String type, int status, String detail) {
        return Problem.of(type, status, status == 400 ? "Bad request" : "Forbidden")
                .withDetail(detail)
                .asException();
    }
}
