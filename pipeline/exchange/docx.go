package exchange

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"lydhor/pipeline"
)

// WriteDOCX writes t for reading in a word processor: the title, and for every turn a line
// with clock, speaker and role, the text, and what it is coded with, outcome and note. A
// word processor finds turns, speakers and codes by the paragraph styles Speaker, Text and
// Codes.
func WriteDOCX(w io.Writer, t *pipeline.Transcript) error {
	zw, err := writeParts(w,
		contentTypes("word/document.xml", "wordprocessingml.document.main", "word/styles.xml", "wordprocessingml.styles"),
		links("_rels/.rels", "officeDocument", "word/document.xml"),
		links("word/_rels/document.xml.rels", "styles", "styles.xml"),
		part{"word/styles.xml", docxStyles})
	if err != nil {
		return err
	}
	f, err := zw.Create("word/document.xml")
	if err != nil {
		return err
	}
	b := bufio.NewWriter(f)
	fmt.Fprintf(b, `%s<w:document xmlns:w="%s"><w:body>`, xml.Header, officeText)
	if title := cmp.Or(t.Title, t.ID); title != "" {
		docxParagraph(b, "Title", title)
	}
	themes := themesOf(t)
	for _, turn := range t.Turns {
		docxParagraph(b, "Speaker", fmt.Sprintf("[%s] %s (%s)", clock(turn.Start), turn.Speaker, cmp.Or(turn.Role, pipeline.Unknown)))
		docxParagraph(b, "Text", turn.Text)
		if line := docxCodes(turn, themes[turn.N]); line != "" {
			docxParagraph(b, "Codes", line)
		}
	}
	fmt.Fprint(b, `<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr></w:body></w:document>`)
	if err := b.Flush(); err != nil {
		return err
	}
	return zw.Close()
}

// docxCodes writes on one line what is said of a turn.
func docxCodes(turn pipeline.Turn, themes []string) string {
	var all []string
	for _, code := range turn.Codes {
		all = append(all, string(code))
	}
	all = append(all, themes...)
	if turn.Outcome != "" {
		outcome := string(turn.Outcome)
		if turn.OutcomeTurn > 0 {
			outcome += fmt.Sprintf(" (turn %d)", turn.OutcomeTurn)
		}
		all = append(all, outcome)
	}
	if turn.Note != "" {
		all = append(all, turn.Note)
	}
	return strings.Join(all, " · ")
}

func docxParagraph(b *bufio.Writer, style, text string) {
	fmt.Fprintf(b, `<w:p><w:pPr><w:pStyle w:val="%s"/></w:pPr>`, style)
	for i, line := range strings.Split(text, "\n") {
		fmt.Fprint(b, "<w:r>")
		if i > 0 {
			fmt.Fprint(b, "<w:br/>")
		}
		fmt.Fprint(b, `<w:t xml:space="preserve">`)
		xml.EscapeText(b, []byte(line))
		fmt.Fprint(b, "</w:t></w:r>")
	}
	fmt.Fprint(b, "</w:p>")
}

// docxStyles are the paragraph styles; sizes are in half points, spaces in twentieths.
const docxStyles = `<w:styles xmlns:w="` + officeText + `">
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri"/><w:sz w:val="22"/><w:lang w:val="da-DK"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:pPr><w:spacing w:after="240"/></w:pPr><w:rPr><w:b/><w:sz w:val="32"/></w:rPr></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="Speaker"><w:name w:val="Speaker"/><w:pPr><w:keepNext/><w:spacing w:before="160"/></w:pPr><w:rPr><w:b/><w:color w:val="444444"/></w:rPr></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="Text"><w:name w:val="Text"/><w:pPr><w:spacing w:after="40"/></w:pPr></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="Codes"><w:name w:val="Codes"/><w:pPr><w:ind w:left="567"/></w:pPr><w:rPr><w:i/><w:sz w:val="20"/><w:color w:val="7A4A00"/></w:rPr></w:style>
</w:styles>`
