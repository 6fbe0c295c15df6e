export type Shade = "dark" | "light";
export type File = {
    /** The mime type of the file. */
    content_type?: string;
    url: string;
};
export type PaintInput = {
    /**
     * What to paint. Max 300 characters.
     */
    prompt: string;
    /** Photos to start from. Up to 3 images. */
    photo_urls?: Array<string>;
    /** Where to paint. */
    mask_url?: string | Blob | File;
    /** How dark it is. Default value: `"dark"` */
    shade?: Shade;
    /** Strength (0-1). Default value: `0.5` */
    strength?: number;
    /** A recommended value is between 3 and 9. Default value: `7` */
    guidance?: number;
    /** Default value: `4` */
    num_images?: number;
    /** Default value: `landscape_16_9` */
    size?: { width: number; height: number } | "square" | "landscape_16_9";
    palette?: [number, number, number];
    anything?: unknown;
};
export type PaintOutput = {
    images: Array<File>;
    /** The song that goes with it. */
    song?: File;
    seed: number;
};
export type ExtendInput = {
    /** The clip to extend. */
    video_url: string | Blob | File;
    'duration'?: 5 | 10;
};
export type ExtendOutput = PaintOutput;
export type EndpointTypeMap = {
    "acme/zoo/extend": {
        input: ExtendInput;
        output: ExtendOutput;
    };
    "acme/paint": {
        input: PaintInput;
        output: PaintOutput;
    };
};
