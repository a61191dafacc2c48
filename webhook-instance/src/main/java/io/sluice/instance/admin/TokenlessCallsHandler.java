package io.sluice.instance.admin;

import io.sluice.service.admin.BearerTokenHandler;
import io.sluice.service.admin.HostCheckHandler;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * For paths that do not need the token. Who has it passes; who has not must address the instance by a name that is its own, because a web
 * page that points a name of its own at this address can read whatever is open (DNS rebinding).
 */
final class TokenlessCallsHandler implements Handler<RoutingContext> {
    private final BearerTokenHandler tokens;
    private final HostCheckHandler hosts;
    private final boolean localOnly;

    /** @param localOnly whether callers on other machines need the token all the same */
    TokenlessCallsHandler(BearerTokenHandler tokens, HostCheckHandler hosts, boolean localOnly) {
        this.tokens = tokens;
        this.hosts = hosts;
        this.localOnly = localOnly;
    }

    @Override
    public void handle(RoutingContext ctx) {
        if (tokens.admits(ctx.request())) {
            ctx.next();
        } else if (localOnly && !isLocal(ctx)) {
            tokens.handle(ctx);
        } else {
            hosts.handle(ctx);
        }
    }

    private static boolean isLocal(RoutingContext ctx) {
        String address = ctx.request().remoteAddress().hostAddress();
        try {
            // an address as text, so nothing is looked up
            return address != null && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
