package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.util.List;

/** {@code limit_conn}: how many connections a client may have. */
final class ConnectionLimits {
    private ConnectionLimits() {}

    /** The largest number that any place of a server allows a client; 0 when it may have any number. */
    static int largest(VirtualServer server) {
        int most = of(server.scope());
        for (Directive location : locations(server.block())) {
            most = Math.max(most, of(server.scope().inner(location)));
        }
        return most;
    }

    private static List<Directive> locations(Directive server) {
        return server.withAllBelow().filter(d -> d.is("location")).toList();
    }

    private static int of(Scope scope) {
        int most = 0;
        for (Directive limit : scope.takeAll("limit_conn")) {
            if (isByClient(limit.argument(0), scope)) {
                most = Math.max(
                        most, Quantity.number(limit.argument(1), 1, 10_000_000).orElse(0));
                scope.findings()
                        .differs(
                                limit,
                                "listener.max-connections-per-client: counts connections, idle ones too, of the whole listener; the largest number of the file");
            } else {
                scope.findings()
                        .leftOut(
                                limit,
                                "connections are counted by client address only; see max-in-flight of pools and listener.max-connections");
            }
        }
        return most;
    }

    private static boolean isByClient(String zone, Scope scope) {
        return scope.takeAll("limit_conn_zone").stream()
                .filter(d -> d.arguments().stream().anyMatch(a -> a.startsWith("zone=" + zone + ":")))
                .anyMatch(d -> d.argument(0).matches("\\$(binary_)?remote_addr"));
    }
}
