package io.sluice.proxy.route;

/** How the proxy answers the requests of a route by itself. */
public sealed interface OwnAnswer permits RedirectSettings, RespondSettings, FileSettings {}
