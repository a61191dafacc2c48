package io.sluice.proxy.forward;

import io.sluice.proxy.files.PublicFolder;
import io.sluice.proxy.route.FileSettings;
import io.sluice.proxy.route.PathMatch;
import io.sluice.proxy.route.Route;
import org.jspecify.annotations.Nullable;

/** Gives the files of a folder. What follows the route's path in a request is looked for in the folder. */
final class FileResponder implements Responder {
    private static final String METHODS = "GET, HEAD";

    private final Forwarder loop;
    private final Route route;
    private final FileSettings settings;
    private final PublicFolder folder;

    FileResponder(Forwarder loop, Route route, FileSettings settings) {
        this.loop = loop;
        this.route = route;
        this.settings = settings;
        this.folder = new PublicFolder(settings.root(), settings.index());
    }

    @Override
    public @Nullable RequestReceiver answer(RequestHead head, Downstream downstream) {
        FileExchange exchange = new FileExchange(loop, head, downstream, route, settings);
        if (!head.isHead() && !head.method().equals("GET")) {
            exchange.refuse(Failure.METHOD_NOT_ALLOWED, HeaderNames.ALLOW, METHODS);
            return null;
        }
        exchange.start(folder, relative(head.path()));
        return exchange;
    }

    private String relative(String path) {
        if (route.settings().pathMatch() == PathMatch.EXACT) {
            return path.substring(path.lastIndexOf('/') + 1);
        }
        String rest = path.substring(route.settings().path().length());
        return rest.startsWith("/") ? rest.substring(1) : rest;
    }
}
