/** Clusters of helve itself in the bootstraps that it writes. */
export const XDS_CLUSTER = 'helve_xds';
/** Without dots: Envoy names it as the host of its requests. */
export const REST_CLUSTER = 'helve_rest';
/** The Envoys of the fleet themselves, by the zones that they are in. */
export const LOCAL_CLUSTER = 'helve_local';
