package diarise

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"lydhor/pipeline"
)

// SVG draws who spoke when in a recording that lasts length: a lane for each speaker, time
// from left to right.
func SVG(turns []pipeline.SpeakerTurn, length time.Duration) []byte {
	const left, width, lane, top = 80.0, 1200.0, 24, 10
	colours := []string{"#1b6ca8", "#c8553d", "#3a7d44", "#8e5aa8", "#b5892e", "#4a8a8c"}
	lanes := map[string]int{}
	var bars, names bytes.Buffer
	for _, t := range turns {
		at, known := lanes[t.Speaker]
		if !known {
			at = len(lanes)
			lanes[t.Speaker] = at
			fmt.Fprintf(&names, `<text x="4" y="%d">`, top+at*lane+16)
			xml.EscapeText(&names, []byte(t.Speaker))
			names.WriteString("</text>\n")
		}
		scale := width / max(length, time.Millisecond).Seconds()
		fmt.Fprintf(&bars, `<rect x="%.2f" y="%d" width="%.2f" height="%d" fill="%s"><title>%.2f–%.2f s</title></rect>`+"\n",
			left+t.Start.Seconds()*scale, top+at*lane+2, t.Dur().Seconds()*scale, lane-4, colours[at%len(colours)], t.Start.Seconds(), t.End.Seconds())
	}
	bottom := top + len(lanes)*lane
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" font-family="sans-serif" font-size="13">`+"\n", left+width+60, bottom+24)
	out.Write(names.Bytes())
	out.Write(bars.Bytes())
	for i := range 5 {
		at := length * time.Duration(i) / 4
		fmt.Fprintf(&out, `<text x="%.2f" y="%d">%v</text>`+"\n", left+width*float64(i)/4, bottom+16, at.Round(time.Second))
	}
	out.WriteString("</svg>\n")
	return out.Bytes()
}
